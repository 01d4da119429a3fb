import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { LabMachine } from './first-kernel.ts';

/** What is kept of one run: its console, what the guest reported, and every trace event as it came. */
export class KeptFiles {
  readonly #directory: string;
  readonly #files: Record<string, string> = {};
  #trace: WriteStream | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the folder of run `run`, counted from 0. */
  static async in(folder: string, run: number): Promise<KeptFiles> {
    const directory = join(folder, `run-${run + 1}`);
    await mkdir(directory, { recursive: true });
    return new KeptFiles(directory);
  }

  /** Writes trace events from now on; those of another guest of the same run come behind. */
  follow({ qemu }: LabMachine): void {
    this.#trace ??= createWriteStream(this.#path('trace'));
    qemu.trace.onEvent(({ at, name, text }) => this.#trace?.write(`${at.toFixed(3)} ${name} ${text}\n`));
  }

  /** Writes the rest. @returns absolute paths by what the files hold */
  async finish({ qemu, reports }: LabMachine): Promise<Readonly<Record<string, string>>> {
    const lines = qemu.serial[0]?.lines ?? [];
    await writeFile(this.#path('console'), lines.map(({ text }) => `${text}\n`).join(''));
    // The processor's local interrupt controller: what is in service when a kernel has died of a stale interrupt.
    const lapic = await qemu.qmp.monitor('info lapic').catch(() => '');
    await writeFile(this.#path('lapic'), lapic.replaceAll('\r', ''));
    for (const [name, content] of reports.files) await writeFile(this.#path(name), content);
    if (this.#trace !== undefined) await finished(this.#trace.end());
    return this.#files;
  }

  #path(name: string): string {
    return (this.#files[name] ??= join(this.#directory, `${name}.txt`));
  }
}
