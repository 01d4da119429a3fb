import path from 'node:path';
import { findPlugin, loadPlugin } from '@quiesce/benchmark';
import type { ComparedRuns, LabCombination, LabRequest } from '@quiesce/kernel-lab';
import { UserError } from '@quiesce/simulation';
import { type Command, Option } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { type KernelLab, kernelLabOf } from '../input/kernel-lab.ts';
import { ownFolder, ownStrategies } from '../input/own-strategies.ts';
import { matrixTable } from '../output/matrix-table.ts';
import { oneLine } from '../output/one-line.ts';
import { stepProgress } from '../output/progress.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import type { CommandIo } from '../program.ts';
import { wholeNumber } from './argument-values.ts';
import { untilInterrupted } from './interruption.ts';

interface MatrixOptions {
  readonly results: string;
  readonly only?: string;
  readonly runs: number;
  readonly seeds: number;
  readonly list?: boolean;
  readonly recorded?: boolean;
  readonly format: 'table' | 'json' | 'markdown';
}

/** `quiesce lab matrix` */
export function addLabMatrix(lab: Command, io: CommandIo, exit: (code: number) => void): void {
  lab
    .command('matrix')
    .description('every combination of strategy, machine and kernel; goes on where it was interrupted')
    .option('--results <folder>', 'where the runs are kept', 'lab-results')
    .option('--only <text>', 'combinations whose name has this in it')
    .option('-n, --runs <n>', 'crashes of each', wholeNumber('--runs', 1, 1000), 3)
    .option('--seeds <n>', 'crashes of the model for each', wholeNumber('--seeds', 1, 1000), 8)
    .option('--list', 'only name the combinations, and whether they were run')
    .option('--recorded', 'boot no kernel: hold the runs that are kept against the model of today')
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['table', 'json', 'markdown'])
        .default('table'),
    )
    .action(async (options: MatrixOptions) => {
      const kernelLab = await kernelLabOf(io);
      const folder = path.resolve(io.cwd, options.results);
      const chosen = chosenCombinations(kernelLab, options);
      if (options.list === true) return await list(kernelLab, chosen, folder, io);
      let failed = 0;
      const ended =
        options.recorded === true ||
        (await untilInterrupted(io, async (signal) => {
          failed = await runMissing(kernelLab, chosen, folder, options, signal, io);
        }));
      const compared = await compareAll(kernelLab, chosen, folder, options);
      if (compared.length > 0) write(kernelLab, compared, options, io);
      if (!ended) exit(ExitCode.interrupted);
      else if (failed > 0) exit(ExitCode.environment);
      else if (kernelLab.summariseMatrix(compared).totals.disagrees > 0) exit(ExitCode.violated);
    });
}

/** @throws UserError `USAGE` if there are none */
function chosenCombinations(lab: KernelLab, { only }: MatrixOptions): readonly LabCombination[] {
  const chosen = lab.labCombinations.filter(
    (one) => only === undefined || lab.combinationName(one).includes(only),
  );
  if (chosen.length > 0) return chosen;
  throw new UserError('USAGE', `--only ${only} is in no combination's name`, {
    expected: 'a part of a name that `quiesce lab matrix --list` shows',
  });
}

async function list(
  lab: KernelLab,
  chosen: readonly LabCombination[],
  folder: string,
  io: CommandIo,
): Promise<void> {
  for (const one of chosen) {
    const recorded = await lab.readResult(folder, one);
    const runs = recorded === undefined ? 'not run' : `${recorded.runs.length} runs`;
    io.stdout.write(`${runs.padEnd(8)} ${lab.combinationName(one)}\n`);
  }
}

/** @returns how many combinations could not be run; another call takes them up again */
async function runMissing(
  lab: KernelLab,
  chosen: readonly LabCombination[],
  folder: string,
  { runs }: MatrixOptions,
  signal: AbortSignal,
  io: CommandIo,
): Promise<number> {
  const progress = stepProgress(io);
  let failed = 0;
  try {
    for (const [index, combination] of chosen.entries()) {
      const known = await lab.readResult(folder, combination);
      if (known !== undefined && known.runs.length >= runs) continue;
      const about = `${index + 1} of ${chosen.length}, ${lab.combinationName(combination)}`;
      progress.say(about);
      const onProgress: LabRequest['onProgress'] = ({ run, step }) =>
        progress.say(`${about}, run ${run + 1} of ${runs}: ${step}`);
      const request = { ...(await requestOf(lab, combination)), runs, signal, onProgress };
      // A host that is too busy makes a guest fail at times: the others need not wait for somebody to come and see.
      const result = await lab.runLab(request).catch((error: Error) => {
        signal.throwIfAborted();
        io.stderr.write(`quiesce: ${lab.combinationName(combination)}: ${oneLine(error.message)}\n`);
        return undefined;
      });
      if (result === undefined) failed++;
      else await lab.writeResult(folder, lab.recordedRuns(combination, result));
    }
    return failed;
  } finally {
    progress.stop();
  }
}

async function requestOf(
  lab: KernelLab,
  combination: LabCombination,
): Promise<Pick<LabRequest, 'machine' | 'strategy' | 'kernel' | 'variant'>> {
  const module = findPlugin(combination.strategy, [ownFolder], ownStrategies);
  return {
    machine: lab.machineOfCombination(combination),
    strategy: { module, plugin: await loadPlugin(module), options: combination.options },
    kernel: combination.kernel,
    variant: lab.variantOf(combination),
  };
}

/** Runs that are kept, each beside the model. With `--recorded`, also those of combinations that are no longer listed. */
async function compareAll(
  lab: KernelLab,
  chosen: readonly LabCombination[],
  folder: string,
  { recorded, only, seeds }: MatrixOptions,
): Promise<ComparedRuns[]> {
  const names = new Set(chosen.map(lab.combinationName));
  const kept = (await lab.readResults(folder)).filter(
    ({ combination }) =>
      (recorded === true && only === undefined) || names.has(lab.combinationName(combination)),
  );
  const firstSeeds = Array.from({ length: seeds }, (_, index) => 1 + index);
  const compared: ComparedRuns[] = [];
  for (const one of kept) {
    const plugin = await loadPlugin(findPlugin(one.combination.strategy, [ownFolder], ownStrategies));
    compared.push(lab.compareRecorded(one, plugin, firstSeeds));
  }
  return compared;
}

function write(
  lab: KernelLab,
  compared: readonly ComparedRuns[],
  { format }: MatrixOptions,
  io: CommandIo,
): void {
  const summary = lab.summariseMatrix(compared);
  if (format === 'json') {
    const combinations = compared.map(({ recorded, comparisons }) => ({
      combination: recorded.combination,
      kernelVersion: recorded.kernelVersion,
      qemuVersion: recorded.qemuVersion,
      disagreements: comparisons.map((cells) => lab.disagreementsOf(cells)),
    }));
    io.stdout.write(
      `${JSON.stringify({ schema: 'quiesce/lab-matrix/1', summary, combinations }, null, 2)}\n`,
    );
  } else if (format === 'markdown') {
    io.stdout.write(`${lab.matrixMarkdown(summary)}\n\n${lab.combinationsMarkdown(compared)}\n`);
  } else io.stdout.write(matrixTable(compared, lab, terminalColumns(io)));
}
