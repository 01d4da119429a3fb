import { availableParallelism } from 'node:os';
import { compare } from '@quiesce/benchmark';
import { kernelPair, kernelProfile } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { chooseMachine, type MachineOptions, machineArguments } from '../input/choose-machine.ts';
import { chooseStrategies } from '../input/choose-strategies.ts';
import { ownStrategies } from '../input/own-strategies.ts';
import { comparisonMarkdown } from '../output/comparison-markdown.ts';
import { comparisonReport } from '../output/comparison-report.ts';
import { crashProgress } from '../output/progress.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import type { CommandIo } from '../program.ts';
import { collect, nameList, wholeNumber } from './argument-values.ts';
import { compareRecord } from './compare-record.ts';
import { addCaptureOptions } from './machine-arguments.ts';
import { requirements, violations } from './requirement.ts';
import { traceRun } from './trace-run.ts';

/** Crashes of each world of the record, unless the user says how many: those of the README's table. */
const RECORD_SEEDS = 3;

interface CompareOptions extends MachineOptions {
  readonly strategy: string[];
  readonly option: string[];
  readonly kernel: string[];
  readonly firstKernel?: string;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly workers: number;
  readonly timeLimit: number;
  readonly format: 'table' | 'json' | 'markdown';
  readonly require: string[];
  readonly trace?: string;
  readonly record?: boolean;
}

/** `quiesce compare` */
export function addCompare(program: Command, io: CommandIo, exit: (code: number) => void): void {
  const command = program
    .command('compare')
    .description('crash a machine with each strategy and set the outcomes side by side')
    .option('-m, --machine <name>', 'a built-in machine (quiesce machines), or a machine as a .json file');
  addCaptureOptions(command)
    .addOption(
      new Option('-s, --strategy <a,b>', 'strategies: names, packages or files')
        .argParser(nameList)
        .default([...ownStrategies], 'those of quiesce strategies'),
    )
    .addOption(
      new Option('-o, --option <s.key=value>', 'option of a strategy; may be given several times')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('-k, --kernel <a,b>', 'second kernels (quiesce kernels)')
        .argParser(nameList)
        .default(['linux-3.10'], 'linux-3.10'),
    )
    .option('--first-kernel <name>', 'kernel or hypervisor that crashes (default: that of the second)')
    .option('-n, --seeds <n>', 'crashes for each strategy and kernel', wholeNumber('--seeds', 1, 1e6), 10)
    .option('--first-seed <n>', 'the first seed', wholeNumber('--first-seed', 0, 2 ** 31), 1)
    .option('-w, --workers <n>', 'worker threads', wholeNumber('--workers', 0, 256), availableParallelism())
    .option(
      '--time-limit <seconds>',
      'for one crash, before its strategy has failed',
      wholeNumber('--time-limit', 1, 86_400),
      30,
    )
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['table', 'json', 'markdown'])
        .default('table'),
    )
    .addOption(
      new Option(
        '-r, --require <a,b>',
        `exit with 1 unless every run has: ${Object.keys(requirements).join(', ')}`,
      )
        .argParser(nameList)
        .default([], 'nothing'),
    )
    .option('--record', 'instead of one machine: every machine and pair of kernels of the public record')
    .option('-t, --trace <run>', 'the kernel log of one run instead: STRATEGY[:SEED]')
    .action(async (options: CompareOptions, itself: Command) => {
      checkNames(options);
      if (options.record === true) {
        const isAsked = itself.getOptionValueSource('seeds') !== 'default';
        await compareRecord({ ...options, seeds: isAsked ? options.seeds : RECORD_SEEDS }, io);
        return;
      }
      const machine = await chooseMachine(options, 'server-2012');
      if (options.trace !== undefined) {
        await traceRun(options.trace, options, machine, io);
        return;
      }
      const strategies = await chooseStrategies(options.strategy, options.option, io.cwd, options.timeLimit);
      const progress = crashProgress(io);
      const comparison = await compare({
        machine,
        strategies,
        kernels: options.kernel,
        ...(options.firstKernel === undefined ? {} : { firstKernel: options.firstKernel }),
        seeds: Array.from({ length: options.seeds }, (_, index) => options.firstSeed + index),
        workers: options.workers,
        timeLimitSeconds: options.timeLimit,
        onProgress: progress.update,
      }).finally(progress.stop);
      if (options.format === 'json') io.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
      else if (options.format === 'markdown') io.stdout.write(comparisonMarkdown(comparison, machine));
      else
        io.stdout.write(
          comparisonReport(comparison, machine, terminalColumns(io), machineArguments(options)),
        );
      const broken = violations(comparison, options.require);
      for (const line of broken) io.stderr.write(`quiesce: ${line}\n`);
      if (broken.length > 0) exit(ExitCode.violated);
    });
}

function checkNames(options: CompareOptions): void {
  for (const name of options.kernel) kernelPair(name);
  if (options.firstKernel !== undefined) kernelProfile(options.firstKernel);
  for (const name of options.require) {
    if (Object.hasOwn(requirements, name)) continue;
    throw new UserError('USAGE', `--require ${name} is not known`, {
      expected: Object.keys(requirements).join(', '),
    });
  }
}
