import { stopInterrupts } from '../interrupts/kernel-interrupts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { lentRegion } from '../kernel/lent-memory.ts';
import { secondKernelImage } from '../kernel/memory-plan.ts';
import type { KernelEvents } from '../outcome/recorder.ts';
import { shutDownOnCrash } from '../strategy-host/remapping-services.ts';
import type { StrategyHost } from '../strategy-host/strategy-host.ts';
import type { World } from '../world/world.ts';
import { crashLines } from './crash-lines.ts';

/** Interrupts are off: nothing is taken, what is asked for waits in the local APIC; but firmware can still hang. */
function deafKernel(world: World): KernelEvents {
  return {
    interrupt: (_fn, vector, destination, repeat) => world.processor.receive(vector, destination, repeat),
    pin: () => {},
    aer: () => {},
    systemError: (kind, cause) => {
      if (kind === 'smi-hang') world.stop(`SMI handler did not return (${cause})`);
      // Between two kernels nobody has an NMI handler.
      if (kind === 'serr-nmi' && world.phase === 'purgatory') {
        world.stop(`NMI without a handler (${cause})`);
      }
    },
  };
}

/** From the panic to the entry of the second kernel (native_machine_crash_shutdown: no PCI, no IOMMU). */
export function runCrashPath(world: World, kernel: Kernel, strategy: StrategyHost): void {
  const { phaseMs } = kernel.profile;
  const { memory } = world.hardware;
  world.recorder.image = secondKernelImage(memory);
  world.beginPhase('crash');
  for (const line of crashLines(kernel)) kernel.log(line);
  world.recorder.events = deafKernel(world);
  stopInterrupts(kernel);
  strategy.crash(kernel);
  if (!strategy.iommuCrashShutdown(kernel)) shutDownOnCrash(kernel);
  world.wait(phaseMs.crash);
  // What was asked for lands in memory that is the second kernel's from here on (crash_cma_clear_pending_dma).
  if (lentRegion(memory.map) !== undefined) world.wait(kernel.profile.first.waitsBeforeJumpMs ?? 0);
  world.beginPhase('purgatory');
  world.wait(phaseMs.purgatory);
  if (world.recorder.spoiltImage) world.stop('purgatory: sha256 digests of the loaded kernel do not match');
  world.checkStopped();
}
