import { QemuProcess } from '@quiesce/qemu-control';
import { Command, InvalidArgumentError } from 'commander';
import { findSuite, suites } from './runner/find-suite.ts';
import { KNOWN_QEMU } from './runner/known-qemu.ts';
import { showReport } from './runner/show-report.ts';

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('a whole number, 0 .. 4294967295');
  }
  return value;
}

interface Options {
  readonly suite: string;
  readonly cases: number;
  readonly seed: number;
  readonly path?: string;
}

const program = new Command('oracle')
  .description('The same random cases on a hardware model and on QEMU; ends with 1 where they disagree.')
  .requiredOption('--suite <name>', suites.map((one) => `${one.name}: ${one.description}`).join('; '))
  .option('--cases <number>', 'random cases', wholeNumber, 2500)
  .option('--seed <number>', 'the same seed gives the same cases', wholeNumber, 1)
  .option('--path <path>', 'replay the one case that a disagreement named')
  .action(async ({ suite: name, cases, seed, path }: Options) => {
    const suite = findSuite(name);
    const version = QemuProcess.version();
    if (!version.startsWith(KNOWN_QEMU)) {
      process.stderr.write(`QEMU ${version}: deviations of QEMU ${KNOWN_QEMU} are listed, expect others\n`);
    }
    const open = await suite.open();
    const { stderr } = process;
    const progress = (done: number): void => {
      if (stderr.isTTY) stderr.write(`\r${suite.name}: ${done} of ${cases} cases`);
    };
    try {
      const report = await open.run({ cases, seed, ...(path === undefined ? {} : { path }), progress });
      if (stderr.isTTY) stderr.write('\n');
      process.stdout.write(showReport(report));
      if (report.disagreements.length > 0) process.exitCode = 1;
    } finally {
      await open.close();
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
