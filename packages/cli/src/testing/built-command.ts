import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../bin/quiesce.js', import.meta.url));

/** Why tests of the built command cannot run; false where they can. */
export const notBuilt: string | false = existsSync(new URL('../../dist/main.js', import.meta.url))
  ? false
  : 'the command is not built';

/** Runs the command as a user does. `stopReadingAfter` closes its output after so many bytes. */
export function runBuilt(
  argv: readonly string[],
  {
    stopReadingAfter = Number.POSITIVE_INFINITY,
    env = {},
  }: { stopReadingAfter?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...argv], {
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: import.meta.dirname,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.length >= stopReadingAfter) child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
