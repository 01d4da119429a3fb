import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadPlugin } from '@quiesce/benchmark';
import { type KernelProfile, kernelProfile } from '@quiesce/boot-sequencer';
import type {
  BaselineDifference,
  LabReport,
  LabRequest,
  LabResult,
  LabStrategy,
  Prediction,
  RunAccount,
} from '@quiesce/kernel-lab';
import { ExitCode } from '../exit-code.ts';
import { chooseStrategies } from '../input/choose-strategies.ts';
import { type KernelLab, kernelLabOf } from '../input/kernel-lab.ts';
import { readInput } from '../input/read-input.ts';
import { baselineLines } from '../output/baseline-lines.ts';
import { labTable } from '../output/lab-table.ts';
import { stepProgress } from '../output/progress.ts';
import { terminalColumns } from '../output/terminal-columns.ts';
import type { CommandIo } from '../program.ts';
import { untilInterrupted } from './interruption.ts';
import { type LabOptions, labKernelOf, labMachine, labVariant, versionOfKernel } from './lab-options.ts';

/** Seconds that opening a strategy of somebody else's may take. */
const OPEN_SECONDS = 30;

/** One strategy's report, and what a baseline says of it. */
interface Finished {
  readonly report: LabReport;
  /** Undefined without a baseline. */
  readonly differences: readonly BaselineDifference[] | undefined;
}

/** `quiesce lab`: predicts, crashes, compares. */
export async function runLabCommand(
  options: LabOptions,
  io: CommandIo,
  exit: (code: number) => void,
): Promise<void> {
  const lab = await kernelLabOf(io);
  const machine = await labMachine(options.machine, lab);
  const variant = labVariant(options, machine);
  const kernel = labKernelOf(options, io.cwd);
  const strategies = await chooseLabStrategies(options, io);
  // Before any boot: a file that cannot be read is a mistake that need not cost one.
  const kept = await keptBaseline(lab, options, io);
  const finished: Finished[] = [];
  const ended = await untilInterrupted(io, async (signal) => {
    for (const strategy of strategies) {
      const fresh = options.fresh === true;
      const request = { machine, strategy, kernel, variant, runs: options.runs, fresh, signal };
      finished.push(
        await runStrategy(lab, request, options, io, { kept, isOneOfSeveral: strategies.length > 1 }),
      );
    }
  });
  if (finished.length > 0) write(lab, finished, options, io);
  if (!ended) exit(ExitCode.interrupted);
  else if (finished.some((one) => isWorse(one))) exit(ExitCode.violated);
}

/** With a baseline, what counts is whether the kernel is worse than that one. */
function isWorse({ report, differences }: Finished): boolean {
  if (differences === undefined) return report.totals.disagrees > 0;
  return differences.some(({ change }) => change === 'regression');
}

async function chooseLabStrategies(options: LabOptions, io: CommandIo): Promise<LabStrategy[]> {
  const references = await chooseStrategies(options.strategy, options.option, io.cwd, OPEN_SECONDS);
  return Promise.all(
    references.map(async ({ module, options: own }) => ({
      module,
      plugin: await loadPlugin(module),
      options: { ...own },
    })),
  );
}

async function runStrategy(
  lab: KernelLab,
  request: LabRequest,
  options: LabOptions,
  io: CommandIo,
  { kept, isOneOfSeveral }: { kept: readonly RunAccount[] | undefined; isOneOfSeveral: boolean },
): Promise<Finished> {
  const { machine, strategy, variant, kernel } = request;
  const seeds = Array.from({ length: options.seeds }, (_, index) => 1 + index);
  const predict = (profile: string | KernelProfile): Prediction[] =>
    lab.predict({
      machine,
      plugin: strategy.plugin,
      options: strategy.options,
      kernel: profile,
      variant,
      seeds,
    });
  const asked = versionOfKernel(kernel);
  // First of all: what cannot be predicted because of a mistake must not cost a boot.
  let predictions = predict(asked ?? kernelProfile('linux-6'));
  if (options.dryRun === true) {
    const kernelVersion = asked ?? kernelProfile('linux-6').name;
    return { report: lab.labReport({ request, kernelVersion, predictions }), differences: undefined };
  }
  const keep = keepIn(options, io, isOneOfSeveral ? strategy.plugin.name : undefined);
  const result = await runKernel(lab, { ...request, ...(keep === undefined ? {} : { keep }) }, io);
  if (keep !== undefined) await keepRuns(lab, request, result, keep, options);
  const { kernelVersion } = result;
  if (kernelVersion !== asked) predictions = predict(kernelVersion);
  const report = lab.labReport({ request, kernelVersion, predictions, result });
  if (options.baseline === undefined) return { report, differences: undefined };
  const baseline =
    kept ??
    (await runKernel(lab, { ...request, kernel: options.baseline }, io)).observations.map(
      ({ account }) => account,
    );
  const own = result.observations.map(({ account }) => account);
  return { report, differences: lab.compareWithBaseline(own, baseline) };
}

async function runKernel(lab: KernelLab, request: LabRequest, io: CommandIo): Promise<LabResult> {
  const progress = stepProgress(io);
  const name = typeof request.kernel === 'string' ? request.kernel : path.basename(request.kernel.image);
  const about = `${name}, ${request.strategy.plugin.name}`;
  progress.say(about);
  const onProgress: LabRequest['onProgress'] = ({ run, step }) =>
    progress.say(`${about}, run ${run + 1} of ${request.runs}: ${step}`);
  const result = await lab.runLab({ ...request, onProgress }).finally(progress.stop);
  const { absentModules = [] } = result;
  if (absentModules.length > 0) {
    io.stderr.write(`quiesce: ${name} has no ${absentModules.join(', ')}: those devices stay idle\n`);
  }
  return result;
}

/** The runs of a baseline that is a file. */
async function keptBaseline(
  lab: KernelLab,
  { baseline }: LabOptions,
  io: CommandIo,
): Promise<RunAccount[] | undefined> {
  if (baseline?.endsWith('.json') !== true) return undefined;
  const text = new TextDecoder().decode(await readInput(path.resolve(io.cwd, baseline)));
  return lab.accountsOf(lab.parseRecordedRuns(text, baseline));
}

function keepIn({ keep }: LabOptions, io: CommandIo, strategy: string | undefined): string | undefined {
  if (keep === undefined) return undefined;
  return path.resolve(io.cwd, keep, ...(strategy === undefined ? [] : [strategy]));
}

/** `runs.json`: what `--baseline` takes another time. */
async function keepRuns(
  lab: KernelLab,
  { machine, strategy, kernel, variant }: LabRequest,
  result: LabResult,
  folder: string,
  { option }: LabOptions,
): Promise<void> {
  const combination = {
    machine: machine.name,
    strategy: strategy.plugin.name,
    ...(option.length === 0
      ? {}
      : { options: strategy.options as Record<string, boolean | number | string> }),
    kernel: typeof kernel === 'string' ? kernel : path.basename(kernel.image),
    variant,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'runs.json'), lab.recordedText(lab.recordedRuns(combination, result)));
}

function write(lab: KernelLab, finished: readonly Finished[], { format }: LabOptions, io: CommandIo): void {
  const reports = finished.map(({ report }) => report);
  if (format === 'json') {
    const whole = {
      schema: 'quiesce/lab-reports/1',
      reports,
      baseline: finished.map((one) => one.differences ?? null),
    };
    io.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
    return;
  }
  if (format === 'junit') {
    io.stdout.write(lab.labJunit(reports));
    return;
  }
  for (const { report, differences } of finished) {
    const columns = terminalColumns(io);
    io.stdout.write(format === 'markdown' ? `${lab.labMarkdown(report)}\n` : labTable(report, lab, columns));
    if (differences !== undefined) io.stdout.write(baselineLines(differences, columns));
  }
}
