import { UserError } from '@quiesce/simulation';
import { CommanderError } from 'commander';
import { ExitCode } from './exit-code.ts';
import { oneLine } from './output/one-line.ts';
import { buildProgram, type CommandIo } from './program.ts';

/** Runs the command. Never throws; what goes wrong is one clear line on standard error. @returns the exit code */
export async function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  let code: number = ExitCode.done;
  const program = buildProgram(io, (next) => {
    code = next;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    if (error instanceof UserError) {
      io.stderr.write(`quiesce: ${oneLine(error.message)}\n`);
      return ExitCode.usage;
    }
    const system = error as NodeJS.ErrnoException;
    if (typeof system.code === 'string') {
      io.stderr.write(`quiesce: ${oneLine(system.message)}\n`);
      return system.code === 'ENOENT' || system.code === 'EISDIR' ? ExitCode.usage : ExitCode.environment;
    }
    const message = error instanceof Error ? error.message : String(error);
    io.stderr.write(`quiesce: internal error: ${oneLine(message)}\n`);
    return ExitCode.environment;
  }
}
