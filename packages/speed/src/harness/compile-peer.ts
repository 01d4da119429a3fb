import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder } from './scratch-folder.ts';

const run = promisify(execFile);

/** Folder of the peers' sources, as seen from dist. */
export const peers: string = fileURLToPath(new URL('../peers/', import.meta.url));

/** A compiled peer, or why it could not be compiled. */
export type CompiledPeer =
  | { readonly program: string; readonly missing?: undefined }
  | { readonly missing: string };

/** Compiles a peer with -O2. */
export async function compilePeer(
  compiler: 'gcc' | 'g++',
  source: string,
  flags: readonly string[] = [],
): Promise<CompiledPeer> {
  const program = join(scratchFolder, source.replace(/\.\w+$/, ''));
  try {
    await run(compiler, ['-O2', '-o', program, join(peers, source), ...flags]);
    return { program };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') return { missing: `${compiler} is not installed` };
    const line = (stderr ?? String(error)).split('\n').find((text) => /error|cannot find/.test(text));
    return { missing: `${source} does not compile: ${(line ?? 'no reason given').trim()}` };
  }
}

/** First line that a program prints, or undefined if it cannot be run. */
export async function versionOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, [...args]);
    return stdout.split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}
