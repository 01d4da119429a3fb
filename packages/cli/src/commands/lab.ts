import { type Command, Option } from 'commander';
import type { CommandIo } from '../program.ts';
import { collect, nameList, wholeNumber } from './argument-values.ts';
import { addLabMatrix } from './lab-matrix.ts';
import type { LabOptions } from './lab-options.ts';
import { runLabCommand } from './lab-run.ts';
import { addLabSetUp } from './lab-set-up.ts';

/** `quiesce lab` and what stands below it. */
export function addLab(program: Command, io: CommandIo, exit: (code: number) => void): void {
  const lab = program
    .command('lab')
    .enablePositionalOptions()
    .description('crash a real Linux kernel in QEMU, and set what happens beside what the model predicts')
    .addOption(
      new Option('-m, --machine <name>', 'a machine of the lab, or one as a .json file').default('q35-lab'),
    )
    .addOption(
      new Option('-s, --strategy <a,b>', 'strategies: names, packages or files')
        .argParser(nameList)
        .default(['none'], 'none'),
    )
    .addOption(
      new Option('-o, --option <s.key=value>', 'option of a strategy; may be given several times')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('-k, --kernel <name>', 'debian-6.1, debian-6.12, or a version: debian-6.1.187').default(
        'debian-6.1',
      ),
    )
    .addOption(new Option('--kernel-image <file>', 'a kernel of your own: a bzImage').conflicts('kernel'))
    .option('--modules <folder>', 'its modules, lib/modules/RELEASE; default: all is built in')
    .option('--copy', 'the second kernel copies the tables that it finds, as kdump does (the default)')
    .addOption(
      new Option(
        '--no-copy',
        'the second kernel does not take itself for a kdump kernel, and builds new tables',
      ),
    )
    .option('--iommu-off', 'the second kernel boots with intel_iommu=off')
    .option(
      '--modes <first,second>',
      'legacy or scalable mode of either kernel (default: as the machine)',
      nameOrTwo,
    )
    .addOption(
      new Option('--interrupts <how>', "devices' interrupts at the panic")
        .choices(['masked', 'on'])
        .default('masked'),
    )
    .option(
      '--undriven <ms>',
      'the second kernel waits before it loads drivers',
      wholeNumber('--undriven', 0, 600_000),
      500,
    )
    .option('--fresh', 'boot and crash the first kernel for each run, instead of going on from a snapshot')
    .option('--read-dump-twice', 'read the dump twice and count the pages that changed')
    .option('-n, --runs <n>', 'crashes of the kernel', wholeNumber('--runs', 1, 1000), 1)
    .option('--seeds <n>', 'crashes of the model', wholeNumber('--seeds', 1, 1000), 8)
    .option('--dry-run', 'the prediction alone; no kernel is booted')
    .option(
      '-b, --baseline <kernel>',
      'hold the kernel against this one, or against runs that were kept (.json)',
    )
    .addOption(
      new Option('-f, --format <format>', 'of the result')
        .choices(['table', 'json', 'junit', 'markdown'])
        .default('table'),
    )
    .option('--keep <folder>', 'keep consoles, traces and the runs themselves')
    .action((options: LabOptions) => runLabCommand(options, io, exit));
  addLabSetUp(lab, io, exit);
  addLabMatrix(lab, io, exit);
}

/** `scalable`, or `scalable,legacy`: both are checked when they are used. */
function nameOrTwo(value: string): string[] {
  return value.split(',').map((one) => one.trim());
}
