import { RandomStream } from '@quiesce/simulation';
import { FaultPrinter } from '../log/fault-printer.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { unitHandles } from '../remapping/unit-handles.ts';
import { VtdRemapping } from '../remapping/vt-d/vtd-remapping.ts';
import type { World } from '../world/world.ts';
import { dmaIdentity } from './dma-identity.ts';
import { Kernel } from './kernel.ts';
import { planFirstKernel, planSecondKernel } from './memory-plan.ts';

/** Puts a kernel into memory and gives it its remapping driver. */
export function bootKernel(world: World, which: 1 | 2, profile: KernelProfile): Kernel {
  const { memory } = world.hardware;
  const writer = memory.writer(`kernel ${which}`);
  const plan =
    which === 1
      ? planFirstKernel(memory, writer, world.machine.units.length)
      : planSecondKernel(memory, writer);
  const kernel = new Kernel({ which, profile, world, units: unitHandles(world), ...plan });
  const printer = new FaultPrinter(profile.faultLines, world.calendar, (line) => kernel.log(line));
  const random = new RandomStream(world.random.seed).split('guest frames');
  kernel.remapping = new VtdRemapping(
    {
      profile,
      pages: kernel.pages,
      writer: kernel.writer,
      units: kernel.units,
      isCrashKernel: which === 2,
      wantsScalable: world.machine.scalable && (which === 1 || profile.remapping.copiesScalable),
      identities: () => kernel.devices.map(dmaIdentity),
      reservedRegions: world.hardware.reservedRegions,
      log: (line) => kernel.log(line),
      delay: (ms) => kernel.delay(ms),
      panic: (reason) => kernel.panic(reason),
      // A guest's memory begins at 0; its frames are those of any other small machine.
      guestFrame: () => random.nextInteger(0x10, 0x2_0000) * 4096,
    },
    printer,
  );
  return kernel;
}
