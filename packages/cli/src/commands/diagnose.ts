import path from 'node:path';
import { type Diagnosis, diagnoseLog, rankCauses, tieRequesters } from '@quiesce/diagnose';
import type { ImportedCapture } from '@quiesce/machine';
import { readCases } from '@quiesce/record';
import type { ReportDocument } from '@quiesce/report';
import { UserError } from '@quiesce/simulation';
import { type Command, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { ExitCode } from '../exit-code.ts';
import { type OpenLog, openLog } from '../input/open-log.ts';
import { readCapture } from '../input/read-capture.ts';
import { diagnosisReport } from '../output/diagnosis/diagnosis-report.ts';
import { readingProgress } from '../output/diagnosis/reading-progress.ts';
import { reportText, writeReport } from '../output/report-text.ts';
import type { CommandIo } from '../program.ts';
import { collect, nameList } from './argument-values.ts';
import { logRequirements } from './diagnose-requirement.ts';

interface DiagnoseOptions {
  readonly capture: string[];
  readonly format: 'terminal' | 'markdown' | 'json' | 'html';
  readonly output?: string;
  readonly all?: boolean;
  readonly require: string[];
}

/** `quiesce diagnose LOG` */
export function addDiagnose(program: Command, io: CommandIo, exit: (code: number) => void): void {
  program
    .command('diagnose')
    .description(
      'what a kernel log says about leftover DMA: kernels, tables, faults, and their likely causes',
    )
    .argument('<log>', 'dmesg, journal, syslog, console or mail, also as .gz; - is standard input')
    .addOption(
      new Option(
        '-c, --capture <path>',
        'the machine of the log: a capture, a folder, an archive (repeatable)',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['terminal', 'markdown', 'json', 'html'])
        .default('terminal'),
    )
    .option('-o, --output <file>', 'write the result into a file')
    .option('-a, --all', 'on a terminal: sections that most readers skip, too')
    .addOption(
      new Option(
        '-r, --require <a,b>',
        `exit with 1 unless the log has: ${Object.keys(logRequirements).join(', ')}`,
      )
        .argParser(nameList)
        .default([], 'nothing'),
    )
    .action(async (log: string, options: DiagnoseOptions) => {
      checkRequirements(options.require);
      // A capture that cannot be read shall not be found out after a long log.
      const capture = options.capture.length === 0 ? undefined : await readCapture(options.capture, io.cwd);
      const diagnosis = completed(await readLog(log, io), capture);
      await writeReport(rendered(diagnosis, capture, options, io), options, io);
      const broken = options.require.filter((name) => logRequirements[name]?.(diagnosis) !== true);
      for (const name of broken) io.stderr.write(`quiesce: ${name} does not hold\n`);
      if (broken.length > 0) exit(ExitCode.violated);
    });
}

/** @throws UserError `USAGE` */
function checkRequirements(names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(logRequirements, name)) continue;
    throw new UserError('USAGE', `--require ${name} is not known`, {
      expected: Object.keys(logRequirements).join(', '),
    });
  }
}

/** @throws UserError `LOG_EMPTY`, and those of openLog */
async function readLog(file: string, io: CommandIo): Promise<Diagnosis> {
  const log = await openLog(file === '-' ? file : path.resolve(io.cwd, file), io.stdin ?? process.stdin);
  const progress = readingProgress(io, log);
  const name = file === '-' ? log.file : file;
  const diagnosis = await diagnoseLog(log.chunks, { file: name, onProgress: progress.update }).finally(
    progress.stop,
  );
  if (diagnosis.bytes === 0) {
    throw new UserError('LOG_EMPTY', 'is empty', { expected: 'a kernel log', place: { file: name } });
  }
  return withDamage(diagnosis, log);
}

function withDamage(diagnosis: Diagnosis, log: OpenLog): Diagnosis {
  const damage = log.damage();
  if (damage === undefined) return diagnosis;
  return { ...diagnosis, notes: [{ line: diagnosis.lines, message: damage }, ...diagnosis.notes] };
}

/** With a machine at hand, requesters are tied to its functions, and causes ranked again with what that says. */
function completed(diagnosis: Diagnosis, capture: ImportedCapture | undefined): Diagnosis {
  if (capture?.machine === undefined) return diagnosis;
  const tied = { ...diagnosis, ties: tieRequesters(diagnosis, capture.machine) };
  return { ...tied, causes: rankCauses(tied, capture) };
}

function rendered(
  diagnosis: Diagnosis,
  capture: ImportedCapture | undefined,
  options: DiagnoseOptions,
  io: CommandIo,
): string {
  if (options.format === 'json') return `${JSON.stringify(diagnosis, null, 2)}\n`;
  const titles = new Map(readCases().map((one) => [one.id, one.title]));
  const document: ReportDocument = diagnosisReport(diagnosis, {
    titles,
    version: manifest.version,
    ...(capture === undefined ? {} : { capture, capturePaths: options.capture }),
  });
  return reportText(document, options, io);
}
