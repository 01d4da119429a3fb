import { QemuProcess } from '@quiesce/qemu-control';
import { Cache } from '../provision/cache/cache.ts';
import { labKernel } from '../provision/kernel/debian-kernel.ts';
import type { LabKernel } from '../provision/kernel/lab-kernel.ts';
import { kernelFromFiles } from '../provision/kernel/own-kernel.ts';
import { planBoot } from './boot-plan.ts';
import type { LabObservation, LabRequest, LabResult } from './lab-request.ts';
import { runOnce } from './run-once.ts';

/**
 * Crashes a real kernel as often as it is asked to, with the strategy's hooks run at its boot phases.
 *
 * @throws UserError of provision and of the strategy, `LAB_KEXEC`, `LAB_BOOT`, `LAB_MACHINE_DIFFERS`; `QemuError`; the
 *   signal's reason when it was aborted
 */
export async function runLab(request: LabRequest, cache: Cache = new Cache()): Promise<LabResult> {
  const qemuVersion = QemuProcess.version();
  const kernel = await kernelOf(request, cache);
  const plan = await planBoot(request.machine, kernel, request.variant, cache);
  const observations: LabObservation[] = [];
  for (let run = 0; run < request.runs; run++) {
    request.signal?.throwIfAborted();
    observations.push(await runOnce(request, plan, run, cache, qemuVersion));
  }
  return {
    kernelRelease: kernel.release,
    kernelVersion: versionOf(kernel, observations),
    qemuVersion,
    absentModules: plan.absentModules,
    observations,
  };
}

function kernelOf({ kernel }: LabRequest, cache: Cache): Promise<LabKernel> {
  return typeof kernel === 'string' ? labKernel(kernel, cache) : kernelFromFiles(kernel, cache);
}

/** A distribution's release (`6.1.0-55-amd64`) is not its version; the banner of Debian ends in that. */
function versionOf(kernel: LabKernel, observations: readonly LabObservation[]): string {
  const banner = observations[0]?.account.console.find((line) => line.includes('Linux version '));
  return /.*\bDebian (\d+\.\d+\.\d+)/.exec(banner ?? '')?.[1] ?? kernel.version;
}
