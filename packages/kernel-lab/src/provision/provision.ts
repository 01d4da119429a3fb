import { UserError } from '@quiesce/simulation';
import { Cache } from './cache/cache.ts';
import { type GuestProgramName, guestProgram, guestPrograms } from './initramfs/guest-programs.ts';
import { labKernel } from './kernel/debian-kernel.ts';
import type { LabKernel } from './kernel/lab-kernel.ts';
import { buildProbe, hasCompiler } from './probe/build-probe.ts';
import type { KnownTool } from './tools/known-tools.ts';
import { missingTools } from './tools/missing-tools.ts';

/** What is to be set up. */
export interface ProvisionRequest {
  /** Kernels of Debian by name; by default the newest of 6.1 and of 6.12. */
  readonly kernels?: readonly string[];
  /** By default {@link Cache} at its default place. */
  readonly cache?: Cache;
  /** One line for each step. */
  readonly onProgress?: (step: string) => void;
}

/** What was set up. */
export interface Provision {
  readonly cache: Cache;
  readonly kernels: readonly LabKernel[];
  /** Path of the guest's probe; undefined where there is no compiler. */
  readonly probe: string | undefined;
  /** Programs that are missing, all of which the lab can do without. */
  readonly missing: readonly KnownTool[];
}

/**
 * Fetches and builds all that the lab needs before it boots a kernel. What is there already is not made again; what was
 * interrupted goes on at the next call.
 * @throws UserError `LAB_TOOL_MISSING` naming every program that the lab can't do without, and those of its parts
 */
export async function provision(request: ProvisionRequest = {}): Promise<Provision> {
  const cache = request.cache ?? new Cache();
  const say = request.onProgress ?? (() => {});
  const missing = await missingTools();
  refuseWithout(missing.filter(({ without }) => without === undefined));
  const kernels: LabKernel[] = [];
  for (const name of request.kernels ?? ['debian-6.1', 'debian-6.12']) {
    say(`kernel ${name}`);
    kernels.push(await labKernel(name, cache));
  }
  for (const name of Object.keys(guestPrograms) as GuestProgramName[]) {
    say(`program ${name}`);
    await guestProgram(name, cache);
  }
  if (!(await hasCompiler())) return { cache, kernels, probe: undefined, missing };
  say('probe of memory and dump');
  return { cache, kernels, probe: await buildProbe(cache), missing };
}

function refuseWithout(tools: readonly KnownTool[]): void {
  if (tools.length === 0) return;
  const list = tools.map(({ program, purpose }) => `${program} (${purpose})`).join(', ');
  const packages = [...new Set(tools.map(({ debianPackage }) => debianPackage))].join(' ');
  throw new UserError('LAB_TOOL_MISSING', `The lab can't do without: ${list}`, {
    expected: `apt-get install ${packages}`,
  });
}
