import { Command, type CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addAssess } from './commands/assess.ts';
import { addCapture } from './commands/capture.ts';
import { addCompare } from './commands/compare.ts';
import { addDiagnose } from './commands/diagnose.ts';
import { addExplain } from './commands/explain.ts';
import { addKernels } from './commands/kernels.ts';
import { addLab } from './commands/lab.ts';
import { addMachines } from './commands/machines.ts';
import { addRecord } from './commands/record.ts';
import { addStrategies } from './commands/strategies.ts';
import type { KernelLab } from './input/kernel-lab.ts';

/** Where a command reads from and writes to. */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly cwd: string;
  /** Where `-` as a file is read from; default: the process's standard input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Columns to write for where standard output is no terminal, as COLUMNS says it. */
  readonly columns?: string | undefined;
  /** Who crashes real kernels; default: the package, which is loaded when it is first needed. */
  readonly kernelLab?: () => Promise<KernelLab>;
}

/** The whole command line. `exit` is told a code other than 0. */
export function buildProgram(io: CommandIo, exit: (code: number) => void): Command {
  const program = new Command('quiesce');
  program
    .description('What does leftover DMA do to a kdump kernel, and which strategy stops it from doing harm?')
    .version(manifest.version, '--version', 'print the version')
    // `lab` and the commands below it have options of the same names.
    .enablePositionalOptions();
  for (const add of [
    addCapture,
    addAssess,
    addDiagnose,
    addCompare,
    addRecord,
    addLab,
    addMachines,
    addStrategies,
    addKernels,
    addExplain,
  ])
    add(program, io, exit);
  for (const command of withSubcommands(program)) {
    command.exitOverride((error: CommanderError) => {
      throw error;
    });
    command.configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'quiesce: ')),
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
