import { UserError } from '@quiesce/simulation';
import { CommanderError } from 'commander';
import { ExitCode } from './exit-code.ts';
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

/** Input may stand in a message: it must neither break the line nor reach the terminal as control characters. */
function oneLine(message: string): string {
  const plain = message.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '?');
  return plain.length > 1000 ? `${plain.slice(0, 1000)}…` : plain;
}
