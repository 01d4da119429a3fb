import type { MachineFunction } from '@quiesce/machine';
import { driverFor } from '../drivers/driver-for.ts';
import type { DeviceDriver, DriverDevice, DriverTraits } from '../drivers/driver-host.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import type { World } from '../world/world.ts';

/** A function of the machine as data; undefined for what enumeration finds and no capture describes. */
export function machineFunctionAt(world: World, device: KernelPciDevice): MachineFunction | undefined {
  const fn = world.hardware.hierarchy.visibleAt(device.segment, device.bus, device.device, device.fn);
  return fn === undefined ? undefined : world.machine.functions[fn.index];
}

/** The driver that binds to a function, and what it is given. */
export function bindDriver(
  described: MachineFunction,
  device: KernelPciDevice,
): { driver: DeviceDriver; target: DriverDevice } {
  const driver = driverFor(described.endpoint.kind);
  return {
    driver,
    target: {
      name: device.name,
      place: { segment: device.segment, bus: device.bus, device: device.device, fn: device.fn },
      traits: { ...driver.defaultTraits, ...queuesOf(described) },
    },
  };
}

/** What the machine says of the driver's queues; the rest is the driver's own. */
function queuesOf({ driver }: MachineFunction): Partial<Pick<DriverTraits, 'queueDepth' | 'bufferBytes'>> {
  return {
    ...(driver.queueDepth === undefined ? {} : { queueDepth: driver.queueDepth }),
    ...(driver.bufferBytes === undefined ? {} : { bufferBytes: driver.bufferBytes }),
  };
}
