import { millisecond } from '@quiesce/simulation';
import type { DeviceDriver, DriverDevice, DriverHost } from '../drivers/driver-host.ts';
import { bootKernel } from '../kernel/boot-kernel.ts';
import { deviceHost } from '../kernel/device-host.ts';
import { deviceNodes } from '../kernel/device-nodes.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { fixUpEarly } from '../pci/early-fixups.ts';
import { enumerate } from '../pci/enumeration.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { powerUp } from '../pci/power-up.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import type { World } from '../world/world.ts';
import {
  pciLines,
  sayAbsentStructures,
  sayRemappingInventory,
  sayReservation,
  sayWhoBoots,
} from './boot-messages.ts';
import { bindDriver, machineFunctionAt } from './machine-drivers.ts';
import { bringUpVirtualFunctions, receiveVirtualFunctions } from './virtual-function-drivers.ts';

/** The workload runs for this long, drawn from the seed, where the machine says nothing else, milliseconds. */
const WORKLOAD_MS = { shortest: 20, longest: 120 };

/** Boots the first kernel, starts its drivers and lets its workload run until the instant of the crash. */
export function runFirstKernel(world: World, profile: KernelProfile): Kernel {
  world.beginPhase('first_kernel');
  const kernel = bootKernel(world, 1, profile);
  world.recorder.events = kernel;
  kernel.mmconfig = true;
  sayWhoBoots(kernel, []);
  sayReservation(kernel);
  sayRemappingInventory(kernel);
  kernel.remapping.enableInterruptRemapping();
  kernel.devices = enumerate(kernel, world.machine.rootComplexes, pciLines(kernel));
  if (profile.masksRemappingErrors !== false) fixUpEarly(kernel.devices);
  receiveVirtualFunctions(kernel);
  for (const device of kernel.devices) {
    device.hasDriver = machineFunctionAt(world, device)?.driver.first === true;
  }
  sayAbsentStructures(kernel);
  kernel.remapping.initialise();
  kernel.remapping.finishInitialisation();
  const bound = bind(kernel, kernel.devices);
  for (const { driver, host, target } of bound) driver.start(host, target);
  const virtual = bind(
    kernel,
    kernel.devices.flatMap((device) => (device.hasDriver ? bringUpVirtualFunctions(kernel, device) : [])),
  );
  for (const { driver, host, target } of virtual) driver.start(host, target);
  const random = world.random.split('instant of the crash');
  const { shortest, longest } = world.machine.workload.runMs ?? WORKLOAD_MS;
  const instant =
    random.nextInteger(Math.round(shortest * millisecond), Math.round(longest * millisecond)) + world.now;
  world.runUntil(instant);
  for (const { driver, host, target } of [...bound, ...virtual]) {
    driver.service(host, target);
    if (!world.machine.workload.interrupts) driver.maskInterrupts(host, target);
  }
  if (world.machine.workload.crash === 'device-list-corrupted') {
    deviceNodes(kernel).corrupt(world.random.split('what the crash spoilt'));
  }
  return kernel;
}

interface BoundDevice {
  readonly host: DriverHost;
  readonly driver: DeviceDriver;
  readonly target: DriverDevice;
}

function bind(kernel: Kernel, devices: readonly KernelPciDevice[]): BoundDevice[] {
  return devices.flatMap((device) => {
    const described = machineFunctionAt(kernel.world, device);
    if (described === undefined || !described.driver.first) return [];
    powerUp(device, (ms) => kernel.delay(ms));
    return [{ host: deviceHost(kernel, device), ...bindDriver(described, device, kernel) }];
  });
}
