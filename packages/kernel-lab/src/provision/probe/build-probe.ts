import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cache } from '../cache/cache.ts';
import { isProgram } from '../tools/missing-tools.ts';
import { runTool } from '../tools/run-tool.ts';

/** No library: the guest has none that it would fit. Stripped: the second kernel's memory is small. */
const FLAGS = ['-std=gnu11', '-O2', '-static', '-s', '-Wall', '-Wextra'];

/** Whatever this host is, the guest is x86-64. */
const COMPILER = process.arch === 'x64' ? 'gcc' : 'x86_64-linux-gnu-gcc';

/**
 * The probe of memory and dump that runs in the guest (probe/probe.c), built on first use.
 * @returns path of the program
 * @throws UserError `LAB_TOOL_MISSING` without a C compiler, `LAB_TOOL_FAILED` with what it said
 */
export async function buildProbe(cache: Cache): Promise<string> {
  const source = join(packageDirectory(), 'probe', 'probe.c');
  const text = await readFile(source);
  const hash = createHash('sha256')
    .update(text)
    .update([COMPILER, ...FLAGS].join(' '))
    .digest('hex')
    .slice(0, 32);
  const directory = await cache.entry(`probe/${hash}`, async (building) => {
    await runTool(COMPILER, [...FLAGS, '-o', join(building, 'probe'), source]);
  });
  return join(directory, 'probe');
}

/** Whether this host can build the probe. */
export async function hasCompiler(): Promise<boolean> {
  return isProgram(COMPILER);
}

/** Sources and what is built of them stand at different depths. */
function packageDirectory(): string {
  const here = fileURLToPath(import.meta.url);
  return dirname(createRequire(here).resolve('@quiesce/kernel-lab/package.json'));
}
