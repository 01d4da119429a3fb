import { deviceHost } from '../kernel/device-host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { DriverLines } from '../log/driver-lines.ts';
import type { DeviceVerdict } from '../outcome/outcome.ts';
import { enableBridgesAbove } from '../pci/enable-bridges.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { powerUp } from '../pci/power-up.ts';
import type { StrategyHost } from '../strategy-host/strategy-host.ts';
import type { World } from '../world/world.ts';
import { handlePendingAer } from './aer-service.ts';
import { bindDriver, machineFunctionAt } from './machine-drivers.ts';
import { bringUpVirtualFunctions } from './virtual-function-drivers.ts';

/** Verdicts by the captured name of the function. */
export type AttachedDrivers = ReadonlyMap<string, DeviceVerdict>;

/** Binds a driver to every function that has one, in the order of enumeration. */
export function attachDrivers(
  world: World,
  kernel: Kernel,
  strategy: StrategyHost,
  progress: (so: AttachedDrivers) => void,
): AttachedDrivers {
  const verdicts = new Map<string, DeviceVerdict>();
  progress(verdicts);
  const lines = new DriverLines();
  const attach = (device: KernelPciDevice): void => {
    if (!device.hasDriver) return;
    const described = machineFunctionAt(world, device);
    if (described === undefined) {
      // Enumerated, and gone since: the driver core binds, and finds all ones.
      kernel.log(`pci ${device.name}: Unable to change power state from D3cold to D0, device inaccessible`);
      return;
    }
    const { driver, target } = bindDriver(described, device, kernel);
    strategy.deviceAttach(kernel, device);
    enableBridgesAbove(device);
    powerUp(device, (ms) => kernel.delay(ms));
    const verdict = driver.probe(deviceHost(kernel, device), target);
    verdicts.set(described.name, verdict);
    const line = verdict === 'working' ? lines.cameUp(driver.name, device.name) : undefined;
    if (line !== undefined) kernel.log(line);
    handlePendingAer(kernel, strategy);
    if (verdict === 'working') for (const one of bringUpVirtualFunctions(kernel, device)) attach(one);
  };
  for (const device of kernel.devices) attach(device);
  return verdicts;
}
