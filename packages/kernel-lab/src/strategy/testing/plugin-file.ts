import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Writes plugins as a user would who writes JavaScript. */
export class PluginFiles {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'lab-plugins-'));
  #count = 0;

  /** A module with the plugin `probe`, whose strategy has `hooks`: properties of an object literal. Gives its path. */
  write(hooks: string, before = ''): string {
    const about = `name: 'probe', description: 'A probe.', sources: []`;
    return this.writeModule(
      `${before}\nexport default { ${about}, create: (options) => ({ ${about}, ${hooks} }) };\n`,
    );
  }

  /** Any module. */
  writeModule(source: string): string {
    const file = path.join(this.#folder, `plugin-${this.#count++}.mjs`);
    writeFileSync(file, source);
    return file;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
