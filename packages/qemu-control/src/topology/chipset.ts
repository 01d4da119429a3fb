import { UserError } from '@quiesce/simulation';
import { chipsetDevices } from './device-models.ts';
import type { PlacedFunction } from './placed-function.ts';
import { refuse } from './refuse.ts';

/** Part of the machine type: not to be asked for. */
export function isChipset(one: PlacedFunction): boolean {
  return one.bus === 0 && chipsetDevices.some((built) => built.device === one.device && built.fn === one.fn);
}

/**
 * Machine properties that leave out what q35 has and this machine has not.
 * @throws UserError `QEMU_TOPOLOGY` if that cannot be left out, or if another function stands in its place
 */
export function chipsetSwitches(machine: string, functions: readonly PlacedFunction[]): string[] {
  const switches: string[] = [];
  for (const { device, fn, id, label, switchOff } of chipsetDevices) {
    const there = functions.find((one) => one.bus === 0 && one.device === device && one.fn === fn);
    if (there !== undefined && there.id !== id) refuse(there, `stands where q35 has its ${label} (${id})`);
    if (there !== undefined) continue;
    if (switchOff === undefined) {
      throw new UserError('QEMU_TOPOLOGY', `machine "${machine}" has no ${label}`, {
        expected: `${id} at 00:${device.toString(16).padStart(2, '0')}.${fn}, which q35 always has`,
      });
    }
    switches.push(switchOff);
  }
  return switches;
}
