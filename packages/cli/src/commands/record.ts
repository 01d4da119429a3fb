import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ownCases, type RecordCase, readCases, replay, tellCase } from '@quiesce/record';
import { UserError } from '@quiesce/simulation';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { ownFolder } from '../input/own-strategies.ts';
import { caseStory } from '../output/case-story.ts';
import { crashProgress } from '../output/progress.ts';
import { recordMarkdown } from '../output/record-markdown.ts';
import { recordTable } from '../output/record-table.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import type { CommandIo } from '../program.ts';
import { collect, wholeNumber } from './argument-values.ts';

interface RecordOptions {
  readonly case?: string;
  readonly withoutCause?: boolean;
  readonly seed: number;
  readonly cases: string[];
  readonly counterfactuals: boolean;
  readonly workers: number;
  readonly timeLimit: number;
  readonly format: 'table' | 'json' | 'markdown';
}

/** `quiesce record` */
export function addRecord(program: Command, io: CommandIo, exit: (code: number) => void): void {
  program
    .command('record')
    .description('replay what people reported since 2007, and say whether the laboratory agrees')
    .option('-c, --case <id>', "one case's story, step by step")
    .option('--without-cause', 'with --case: the crash with its cause taken away')
    .option('--seed <n>', 'with --case: the instant of the crash', wholeNumber('--seed', 0, 2 ** 31 - 1), 1)
    .option('--cases <folder>', 'further cases, one .json file each (may be repeated)', collect, [])
    .option('--no-counterfactuals', 'leave out the runs without the cause')
    .option(
      '-w, --workers <n>',
      'processes; 0 runs all in this one',
      wholeNumber('--workers', 0, 64),
      availableParallelism(),
    )
    .option(
      '--time-limit <seconds>',
      'for 50 crashes of one case',
      wholeNumber('--time-limit', 1, 86_400),
      60,
    )
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['table', 'json', 'markdown'])
        .default('table'),
    )
    .action(async (options: RecordOptions) => {
      const cases = readCases([ownCases, ...options.cases.map((one) => path.resolve(io.cwd, one))]);
      if (options.case !== undefined) {
        await tell(chosenCase(cases, options.case), options, io);
        return;
      }
      const progress = crashProgress(io);
      const result = await replay({
        cases,
        workers: options.workers,
        lookUpFrom: [io.cwd, ownFolder],
        counterfactuals: options.counterfactuals,
        timeLimitSeconds: options.timeLimit,
        onProgress: progress.update,
      }).finally(progress.stop);
      if (options.format === 'json') io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else if (options.format === 'markdown') io.stdout.write(recordMarkdown(result));
      else io.stdout.write(recordTable(result, terminalColumns(io)));
      const { totals } = result;
      const unflipped = result.cases.some((one) => one.counterfactual?.flips === false);
      if (totals.disagrees > 0 || totals.failed > 0 || unflipped) exit(ExitCode.violated);
    });
}

/** @throws UserError `USAGE` */
function chosenCase(cases: readonly RecordCase[], id: string): RecordCase {
  const found = cases.find((one) => one.id === id);
  if (found !== undefined) return found;
  const near = cases.filter((one) => one.id.includes(id)).map((one) => one.id);
  throw new UserError('USAGE', `--case ${id} is not in the record`, {
    expected: near.length > 0 ? near.slice(0, 8).join(', ') : 'an id that `quiesce record` shows',
  });
}

async function tell(one: RecordCase, options: RecordOptions, io: CommandIo): Promise<void> {
  const arm = options.withoutCause === true ? 'counterfactual' : 'case';
  if (arm === 'counterfactual' && one.counterfactual === undefined) {
    throw new UserError('USAGE', `${one.id} has no known cause`, {
      expected: 'a case with a counterfactual',
    });
  }
  const story = await tellCase(one, { arm, seed: options.seed, lookUpFrom: [io.cwd, ownFolder] });
  const { cases } = await replay({
    cases: [one],
    workers: options.workers,
    lookUpFrom: [io.cwd, ownFolder],
    timeLimitSeconds: options.timeLimit,
  });
  const [replayed] = cases;
  if (replayed === undefined) return;
  if (options.format === 'json') {
    const { machine, ...crash } = story;
    io.stdout.write(`${JSON.stringify({ case: one, replayed, crash }, null, 2)}\n`);
  } else io.stdout.write(caseStory(one, replayed, story, terminalColumns(io)));
}
