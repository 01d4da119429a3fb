import { compareOverRecord, readCases } from '@quiesce/record';
import { ownFolder } from '../input/own-strategies.ts';
import { crashProgress } from '../output/progress.ts';
import { standingsMarkdown, standingsTable } from '../output/standings.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce compare --record`: strategies over every machine and pair of kernels of the public record. */
export async function compareRecord(
  options: {
    readonly strategy: readonly string[];
    readonly seeds: number;
    readonly workers: number;
    readonly timeLimit: number;
    readonly format: 'table' | 'json' | 'markdown';
  },
  io: CommandIo,
): Promise<void> {
  const progress = crashProgress(io, 'worlds');
  const comparison = await compareOverRecord({
    cases: readCases(),
    strategies: options.strategy,
    seeds: options.seeds,
    workers: options.workers,
    lookUpFrom: [io.cwd, ownFolder],
    timeLimitSeconds: options.timeLimit,
    onProgress: progress.update,
  }).finally(progress.stop);
  if (options.format === 'json') io.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else if (options.format === 'markdown') io.stdout.write(standingsMarkdown(comparison));
  else io.stdout.write(standingsTable(comparison, terminalColumns(io)));
}
