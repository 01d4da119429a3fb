import { UserError } from '@quiesce/simulation';
import type { HookName, PciDevice, RemappingUnitHandle } from '@quiesce/strategy';
import type { HookSituation } from '../hook-situation.ts';

/**
 * What only some hooks are given: the device, the fault or the error that they run for.
 * @throws UserError `LAB_DEVICE` if the situation names what the guest does not have
 */
export function occasionOf(
  hook: HookName,
  { device, fault, error }: HookSituation,
  units: readonly RemappingUnitHandle[],
  found: readonly PciDevice[],
): object {
  const named = (name: string): PciDevice => {
    const one = found.find((each) => each.name === name);
    if (one !== undefined) return one;
    throw new UserError('LAB_DEVICE', `the guest has no function ${name}`);
  };
  const at = (segment: number, id: number): PciDevice | undefined =>
    found.find((one) => one.segment === segment && ((one.bus << 8) | (one.device << 3) | one.fn) === id);
  if (hook === 'deviceAttach' && device !== undefined) return { device: named(device) };
  if (hook === 'iommuFault' && fault !== undefined) {
    const unit = units.find(({ name }) => name === fault.unit);
    if (unit === undefined) throw new UserError('LAB_DEVICE', `the guest has no unit ${fault.unit}`);
    return { ...fault, unit, device: at(unit.segment, fault.requesterId) };
  }
  if (hook === 'aerError' && error !== undefined) {
    const rootPort = named(error.rootPort);
    return { ...error, rootPort, device: at(rootPort.segment, error.sourceId) };
  }
  return {};
}
