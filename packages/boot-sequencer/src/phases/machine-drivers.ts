import type { MachineFunction } from '@quiesce/machine';
import type { EndpointKind } from '@quiesce/pcie-model';
import { driverFor } from '../drivers/driver-for.ts';
import type { DeviceDriver, DriverDevice, DriverTraits, FunctionPlace } from '../drivers/driver-host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import type { World } from '../world/world.ts';

/** A function of the machine as data; undefined for what enumeration finds and no capture describes. */
export function machineFunctionAt(world: World, device: KernelPciDevice): MachineFunction | undefined {
  const fn = world.hardware.hierarchy.visibleAt(device.segment, device.bus, device.device, device.fn);
  return fn === undefined ? undefined : world.machine.functions[fn.index];
}

/** The driver that binds to a function, and what it is given. `kernel`: the one whose driver counts its devices. */
export function bindDriver(
  described: MachineFunction,
  device: FunctionPlace & { readonly name: string },
  kernel?: Kernel,
): { driver: DeviceDriver; target: DriverDevice } {
  const driver = driverFor(described.endpoint.kind);
  const traits = { ...driver.defaultTraits, ...traitsOf(described) };
  const isLoaded = kernel?.which === 1 && driver.queuesFollowLoad === true;
  return {
    driver,
    target: {
      name: device.name,
      place: { segment: device.segment, bus: device.bus, device: device.device, fn: device.fn },
      // Few drivers ask.
      get instance() {
        return kernel === undefined ? 0 : instanceOf(kernel, device, described.endpoint.kind);
      },
      traits: isLoaded ? underLoad(traits, kernel.world.machine.workload.intensity) : traits,
    },
  };
}

/** As many requests as a load below the full one has outstanding. */
function underLoad(traits: DriverTraits, intensity: number): DriverTraits {
  const queueDepth = Math.max(1, Math.round(traits.queueDepth * Math.min(1, intensity)));
  return { ...traits, queueDepth };
}

/** Functions with a driver and an engine of the same kind that a kernel has found before this one. */
function instanceOf(kernel: Kernel, device: FunctionPlace, kind: EndpointKind): number {
  let before = 0;
  for (const other of kernel.devices) {
    if (other === device) break;
    if (other.hasDriver && machineFunctionAt(kernel.world, other)?.endpoint.kind === kind) before++;
  }
  return before;
}

/** What the machine says of the driver; the rest is the driver's own. */
function traitsOf({ driver }: MachineFunction): Partial<DriverTraits> {
  const { queueDepth, bufferBytes, mastersBeforeReset, resetsBeforeMap, setUpMs } = driver;
  return {
    ...(queueDepth === undefined ? {} : { queueDepth }),
    ...(bufferBytes === undefined ? {} : { bufferBytes }),
    ...(mastersBeforeReset === undefined ? {} : { mastersBeforeReset }),
    ...(resetsBeforeMap === undefined ? {} : { resetsBeforeMap }),
    ...(setUpMs === undefined ? {} : { setUpMs }),
  };
}
