import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import {
  type Assessment,
  type AssessOptions,
  assess,
  assessFleet as assessFleetOf,
  assessmentDocument,
  defaultSeeds,
  fleetCsv,
  fleetDocument,
} from '@quiesce/assess';
import { CrashProcesses, loadPlugin, type PluginReference } from '@quiesce/benchmark';
import { kernelProfile } from '@quiesce/boot-sequencer';
import type { ImportedCapture } from '@quiesce/machine';
import { readCases } from '@quiesce/record';
import { UserError } from '@quiesce/simulation';
import { type Command, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { chooseStrategies } from '../input/choose-strategies.ts';
import { ownStrategies } from '../input/own-strategies.ts';
import { readCapture } from '../input/read-capture.ts';
import { crashProgress, stepProgress } from '../output/progress.ts';
import { reportText, writeReport } from '../output/report-text.ts';
import type { CommandIo } from '../program.ts';
import { nameList, wholeNumber } from './argument-values.ts';

/** Options of `quiesce assess`. */
export interface AssessCommandOptions {
  readonly kernel?: string;
  readonly crashCommandLine?: string;
  readonly seeds: number;
  readonly strategies: string[];
  /** Default: one for each processor. */
  readonly workers?: number;
  readonly timeLimit: number;
  readonly format: 'terminal' | 'markdown' | 'json' | 'html' | 'csv';
  readonly output?: string;
  readonly all?: boolean;
  readonly fleet?: string;
}

/** The first of the command's own strategies does nothing: what others are compared with. */
const [baselineName = '', ...otherNames] = ownStrategies;

/** `quiesce assess CAPTURE…` */
export function addAssess(program: Command, io: CommandIo): void {
  program
    .command('assess')
    .description('what a captured machine would do after a crash, and what is worth changing on it')
    .argument('[capture...]', 'of one machine: what quiesce capture wrote, files, folders, archives')
    .option(
      '-k, --kernel <name>',
      'profile of the crash kernel (default: the one nearest to the captured release)',
    )
    .option('-c, --crash-command-line <text>', 'the crash kernel’s command line (default: as captured)')
    .option(
      '-n, --seeds <n>',
      'crashes of each setup under each workload',
      wholeNumber('--seeds', 1, 1000),
      defaultSeeds,
    )
    .addOption(
      new Option('-s, --strategies <a,b>', 'strategies to be simulated')
        .argParser(nameList)
        .default(otherNames, 'those of quiesce strategies'),
    )
    .option(
      '-w, --workers <n>',
      'processes that simulate (default: one per processor; 0: this one)',
      wholeNumber('--workers', 0, 256),
    )
    .option('--time-limit <seconds>', 'for one crash', wholeNumber('--time-limit', 1, 86_400), 30)
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['terminal', 'markdown', 'json', 'html', 'csv'])
        .default('terminal'),
    )
    .option('-o, --output <file>', 'write the result into a file')
    .option('-a, --all', 'on a terminal: sections that most readers skip, too')
    .option('--fleet <folder>', 'every capture in a folder, ranked by risk')
    .action(async (captures: string[], options: AssessCommandOptions) => {
      if (options.kernel !== undefined) kernelProfile(options.kernel);
      const text =
        options.fleet === undefined
          ? await assessOne(captures, options, io)
          : await assessFleet(captures, options, io);
      await writeReport(text, options, io);
    });
}

async function assessOne(
  captures: readonly string[],
  options: AssessCommandOptions,
  io: CommandIo,
): Promise<string> {
  if (captures.length === 0) {
    throw new UserError('USAGE', 'no capture is given', {
      expected: 'what quiesce capture wrote, or --fleet FOLDER',
    });
  }
  if (options.format === 'csv') {
    throw new UserError('USAGE', '--format csv goes with --fleet', {
      expected: 'terminal, markdown, json or html',
    });
  }
  const imported = await readCapture(captures, io.cwd);
  const assessment = await runAssessment(imported, options, io);
  return rendered(assessment, options, io);
}

async function assessFleet(
  captures: readonly string[],
  options: AssessCommandOptions,
  io: CommandIo,
): Promise<string> {
  if (captures.length > 0) {
    throw new UserError('USAGE', '--fleet and a capture exclude each other', { expected: 'one of them' });
  }
  const folder = path.resolve(io.cwd, options.fleet ?? '.');
  const entries = await fleetEntries(folder);
  const strategies = options.strategies === otherNames ? [] : options.strategies;
  const prepared = await assessOptions({ ...options, strategies }, io);
  const { workers = 0 } = prepared;
  const processes = workers === 0 ? undefined : new CrashProcesses(workers);
  const progress = stepProgress(io);
  const fleet = await assessFleetOf(
    entries.map((name) => ({ name, open: () => readCapture([name], folder) })),
    {
      ...prepared,
      ...(processes === undefined ? {} : { processes }),
      onMachine: (name, done, total) => progress.say(`${done} of ${total}: ${name}`),
    },
  ).finally(() => {
    progress.stop();
    processes?.close();
  });
  if (options.format === 'csv') return fleetCsv(fleet);
  if (options.format === 'json') return `${JSON.stringify(fleet, null, 2)}\n`;
  return reportText(fleetDocument(fleet, { tool: `quiesce ${manifest.version}` }), options, io);
}

/** What stands in the folder itself: each file or folder is a machine's. @throws UserError `INPUT_UNREADABLE`, `FLEET_EMPTY` */
async function fleetEntries(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOTDIR' ? 'it is no folder' : error.message;
    throw new UserError('INPUT_UNREADABLE', `cannot be read: ${reason}`, { place: { file: folder } });
  });
  const entries = names.filter((name) => !name.startsWith('.')).sort();
  if (entries.length > 0) return entries;
  throw new UserError('FLEET_EMPTY', 'nothing stands in the folder', {
    expected: 'a file, folder or archive for each machine',
    place: { file: folder },
  });
}

async function assessOptions(options: AssessCommandOptions, io: CommandIo): Promise<AssessOptions> {
  const { strategies, timeLimit, kernel, crashCommandLine, seeds } = options;
  const names = strategies.filter((name) => name !== baselineName);
  const workers = options.workers ?? availableParallelism();
  const [baseline, ...others] = await chooseStrategies([baselineName, ...names], [], io.cwd, timeLimit);
  const descriptions: Record<string, string> = {};
  for (const { name, module } of others) {
    // Other people's modules are not loaded into this process.
    if (ownStrategies.includes(name)) descriptions[name] = (await loadPlugin(module)).description;
  }
  return {
    baseline: baseline as PluginReference,
    strategies: others,
    descriptions,
    seeds,
    workers,
    timeLimitSeconds: timeLimit,
    ...(kernel === undefined ? {} : { kernel }),
    ...(crashCommandLine === undefined ? {} : { crashCommandLine }),
  };
}

async function runAssessment(
  imported: ImportedCapture,
  options: AssessCommandOptions,
  io: CommandIo,
): Promise<Assessment> {
  const prepared = await assessOptions(options, io);
  const progress = crashProgress(io);
  return await assess(imported, { ...prepared, onProgress: progress.update }).finally(progress.stop);
}

function rendered(assessment: Assessment, options: AssessCommandOptions, io: CommandIo): string {
  if (options.format === 'json') return `${JSON.stringify(assessment, null, 2)}\n`;
  const titles = new Map(readCases().map((one) => [one.id, one.title]));
  return reportText(
    assessmentDocument(assessment, { titles, tool: `quiesce ${manifest.version}` }),
    options,
    io,
  );
}
