import { Writable } from 'node:stream';
import type { CommandIo } from '../program.ts';
import { runCommand } from '../run-command.ts';

/** A stream that remembers what was written to it. */
class Page extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the command in this process, in a terminal of `columns`, from the folder `cwd`. */
export async function runInProcess(
  argv: readonly string[],
  columns = 80,
  cwd: string = import.meta.dirname,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdout = new Page();
  const stderr = new Page();
  const io: CommandIo = { stdout, stderr, cwd, columns: String(columns) };
  const code = await runCommand(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
