import { RandomStream } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import { FaultPrinter } from '../log/fault-printer.ts';
import { fillMessage, hex } from '../log/fill-message.ts';
import { hasInterruptErratum } from '../pci/interrupt-erratum.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { remappingDriverFor } from '../remapping/remapping-driver-for.ts';
import { unitHandles } from '../remapping/unit-handles.ts';
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
  const printer = new FaultPrinter(
    profile.faultLines,
    world.calendar,
    (line) => kernel.log(line),
    profile.messages.faultBurst,
  );
  const random = new RandomStream(world.random.seed).split('guest frames');
  kernel.remapping = remappingDriverFor(
    world.machine.units,
    {
      profile,
      pages: kernel.pages,
      writer: kernel.writer,
      units: kernel.units,
      isCrashKernel: which === 2,
      wantsScalable: wantsScalable(world, profile),
      identities: () => kernel.devices.map((device) => dmaIdentity(device, kernel.devices)),
      devices: () => kernel.devices,
      dmar: world.hardware.remapping.dmar,
      registerBaseOf: (unit) => world.machine.units[kernel.units.indexOf(unit)]?.registerBase ?? 0,
      interruptRemappingIsBroken: () =>
        profile.remapping.avoidsBrokenInterruptRemapping && hasInterruptErratum(kernel.type1),
      reservedRegions: world.hardware.reservedRegions,
      log: (line) => kernel.log(line),
      say: (wording, unit, values) => {
        if (wording !== null)
          kernel.log(fillMessage(wording, { ...unitValues(world, kernel, unit), ...values }));
      },
      delay: (ms) => kernel.delay(ms),
      panic: (reason) => kernel.panic(reason),
      // A guest's memory begins at 0; its frames are those of any other small machine.
      guestFrame: () => random.nextInteger(0x10, 0x2_0000) * 4096,
    },
    printer,
  );
  return kernel;
}

function wantsScalable(world: World, profile: KernelProfile): boolean {
  const { scalable } = profile.remapping;
  return scalable === 'machine' ? world.machine.scalable : scalable === 'on';
}

/** What a wording may name of a unit. */
function unitValues(
  world: World,
  kernel: Kernel,
  unit: RemappingUnitHandle | undefined,
): Record<string, string | number> {
  const index = unit === undefined ? -1 : kernel.units.indexOf(unit);
  const described = world.machine.units[index];
  if (described === undefined) return {};
  return { name: described.name, index, base: hex(described.registerBase) };
}
