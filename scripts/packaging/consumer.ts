import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { PackedPackage } from './pack-everything.ts';

/** What a program printed, and its exit code (a signal's name if it was ended). */
export interface Finished {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder somewhere else, as a user of the packages has one. */
export class Consumer {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'quiesce-user-'));

  /** Copies a project into the folder, without what was installed or built there. */
  copy(project: string): void {
    const skip = new Set(['node_modules', 'dist', '.turbo']);
    cpSync(project, this.folder, { recursive: true, filter: (path) => !skip.has(basename(path)) });
  }

  /** Puts all tarballs in place of workspace dependencies and installs with npm. */
  async install(packed: readonly PackedPackage[]): Promise<Finished> {
    const path = join(this.folder, 'package.json');
    const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
    const manifest = JSON.parse(readText(path) ?? '{ "name": "user", "private": true, "type": "module" }');
    manifest.dependencies = { ...manifest.dependencies, ...tarballs };
    for (const name of Object.keys(tarballs)) delete manifest.devDependencies?.[name];
    writeFileSync(path, JSON.stringify(manifest, null, 2));
    return this.run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']);
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  read(name: string): string | undefined {
    return readText(join(this.folder, name));
  }

  /** Runs a program in the folder, for at most two minutes. */
  run(program: string, args: readonly string[]): Promise<Finished> {
    const env = {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      NODE_OPTIONS: undefined,
      VITEST: undefined,
    };
    return new Promise((done) => {
      execFile(
        program,
        args,
        { cwd: this.folder, env, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => done({ code: error?.signal ?? error?.code ?? 0, stdout, stderr }),
      );
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
