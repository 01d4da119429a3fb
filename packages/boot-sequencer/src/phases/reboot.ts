import { deviceHost } from '../kernel/device-host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { displayApertures } from '../outcome/display.ts';
import type { DeviceVerdict, Outcome } from '../outcome/outcome.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { Command, PCI, PortType } from '../pci/registers.ts';
import { MachineStopped } from '../world/machine-stopped.ts';
import type { World } from '../world/world.ts';
import { bindDriver, machineFunctionAt } from './machine-drivers.ts';

/** User space takes its leave after the dump: up to so many milliseconds, drawn from the seed. */
const USER_SPACE_MS = 1000;

/** Types of ports to which the port driver binds (pcie_portdrv_probe). */
const portTypes: readonly (number | undefined)[] = [
  PortType.rootPort,
  PortType.upstream,
  PortType.downstream,
];

/**
 * The second kernel reboots, from the end of the dump to the reset of the machine. What happens in between changes no
 * dump any more, but may need somebody to go to the machine: a device that nobody has stopped and whose port is closed
 * meets an Unsupported Request (hazard W5).
 */
export function rebootAfterDump(
  world: World,
  kernel: Kernel,
  attached: ReadonlyMap<string, DeviceVerdict>,
): Outcome['reboot'] {
  try {
    runReboot(world, kernel, attached);
  } catch (error) {
    if (!(error instanceof MachineStopped)) throw error;
    return { verdict: 'hung', cause: error.reason };
  }
  return { verdict: 'completed', cause: null };
}

function runReboot(world: World, kernel: Kernel, attached: ReadonlyMap<string, DeviceVerdict>): void {
  const { messages, phaseMs, reboot } = kernel.profile;
  world.beginPhase('reboot');
  kernel.onFault = undefined;
  // Only a kernel that closes ports makes the moment matter.
  if (reboot.clearsPortBusMaster) {
    kernel.delay(world.random.split('instant of the reboot').nextFraction() * USER_SPACE_MS);
  }
  shutDownDevices(world, kernel, attached);
  if (messages.restart !== null) sayOnConsoles(world, kernel, messages.restart);
  kernel.delay(phaseMs.reboot);
}

/** What is printed also goes to the screens, and a screen that scrolls is read. */
function sayOnConsoles(world: World, kernel: Kernel, line: string): void {
  kernel.log(line);
  for (const aperture of displayApertures(world)) world.hardware.fabric.mmioRead(aperture, 4);
  world.checkStopped();
}

/**
 * `device_shutdown`: backwards in the order of registration, so that what is below a port comes before it. Devices
 * without a driver are passed over; Bus Master Enable is the driver's to clear, since no kexec is in progress
 * (pci_device_shutdown, commit 4fc9bbf98fd6).
 */
function shutDownDevices(world: World, kernel: Kernel, attached: ReadonlyMap<string, DeviceVerdict>): void {
  const { reboot } = kernel.profile;
  for (const device of [...kernel.devices].reverse()) {
    const described = machineFunctionAt(world, device);
    if (described === undefined) continue;
    if (portTypes.includes(device.pcieType) && device.headerType === 1) {
      if (device.hasDriver && reboot.clearsPortBusMaster) clearBusMaster(device);
      continue;
    }
    const bound = attached.get(described.name) === 'working';
    if (bound) {
      const { driver, target } = bindDriver(described, device);
      driver.maskInterrupts(deviceHost(kernel, device), target);
    }
    if (bound || reboot.clearsDeviceBusMaster) clearBusMaster(device);
  }
  world.checkStopped();
}

/** `pci_clear_master`; all that devices notice of `pci_disable_device`, too. */
function clearBusMaster(device: KernelPciDevice): void {
  const command = device.readConfig16(PCI.command);
  if (command !== 0xffff) device.writeConfig16(PCI.command, command & ~Command.busMaster);
}
