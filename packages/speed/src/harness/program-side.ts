import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Measurement, Side } from './side.ts';

const run = promisify(execFile);

/** A peer that is a program: it prints one line of JSON, a {@link Measurement}. */
export function programSide(name: string, program: string, args: readonly string[]): Side {
  return {
    name,
    async measure(): Promise<Measurement> {
      const { stdout } = await run(program, [...args], { maxBuffer: 1 << 20, timeout: 120_000 });
      const { seconds, operations, check } = JSON.parse(stdout) as Measurement;
      return { seconds, operations, check: String(check) };
    },
  };
}
