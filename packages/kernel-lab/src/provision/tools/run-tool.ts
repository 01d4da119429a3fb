import { type ExecFileException, execFile } from 'node:child_process';
import { UserError } from '@quiesce/simulation';
import { knownTools } from './known-tools.ts';

/** How a program is called. */
export interface ToolCall {
  /** Working directory. */
  readonly cwd?: string;
  /** What the program reads from its standard input. */
  readonly input?: Uint8Array;
  /** After this many milliseconds it is killed; ten minutes unless said. */
  readonly timeoutMs?: number;
}

/** Kernels unpack to less than 200 MB. */
const MOST_OUTPUT = 1 << 30;

/** Where programs of the system administrator stand; an ordinary user's search path often lacks them. */
export const searchPath: string = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/**
 * Calls a program of the host and waits for its end.
 * @returns what it wrote to its standard output
 * @throws UserError `LAB_TOOL_MISSING` with the Debian package that has it, `LAB_TOOL_FAILED` with what it said
 */
export function runTool(program: string, args: readonly string[], call: ToolCall = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        cwd: call.cwd,
        encoding: 'buffer',
        env: { ...process.env, PATH: searchPath, LC_ALL: 'C' },
        killSignal: 'SIGKILL',
        maxBuffer: MOST_OUTPUT,
        timeout: call.timeoutMs ?? 600_000,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(program, error, stderr.toString('utf8')));
      },
    );
    // A program that needs no more of its input closes the pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(call.input);
  });
}

function failure(program: string, error: ExecFileException, said: string): UserError {
  if (error.code === 'ENOENT') {
    const tool = knownTools.find((known) => known.program === program);
    const expected =
      tool === undefined ? `${program} to be installed` : `the Debian package ${tool.debianPackage}`;
    return new UserError('LAB_TOOL_MISSING', `There is no program ${program} here`, { expected });
  }
  const lastLines = said.trim().split('\n').slice(-3).join('; ');
  return new UserError('LAB_TOOL_FAILED', `${program} failed: ${lastLines || error.message}`);
}
