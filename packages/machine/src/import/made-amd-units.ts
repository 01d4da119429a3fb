import { parseFunctionName, requesterIdOf } from '../description/function-name.ts';
import type { MachineUnit } from '../description/machine.ts';
import type { AmdFeatures } from './boot-record.ts';
import { usualAmdFeatures } from './import-amd-units.ts';
import { hex, type InferenceList } from './inference-list.ts';

/** Right below the IO-APIC, where many boards have theirs. */
const TOP = 0xfec0_0000;
const REGISTER_BYTES = 0x8_0000;
/** Larger machines have eight. */
const MAX_UNITS = 16;
const VERSION = 0x40;

/**
 * AMD units as `/sys` shows them, for a machine whose table IVRS nobody could read: each with the functions that the kernel
 * gave to it.
 * @param functionsOf names of functions by name of the unit, `ivhd0`
 */
export function madeAmdUnits(
  functionsOf: ReadonlyMap<string, readonly string[]>,
  features: AmdFeatures | undefined,
  inferred: InferenceList,
): readonly MachineUnit[] {
  const found = [...functionsOf].flatMap(([name, functions]) => {
    const places = functions.map(parseFunctionName).filter((one) => one !== undefined);
    const segment = places[0]?.segment;
    if (!/^ivhd\d{1,4}$/.test(name) || segment === undefined) return [];
    const ids = places.filter((one) => one.segment === segment).map(requesterIdOf);
    return [{ segment, last: Math.max(...ids), functions: ids.length }];
  });
  // A unit covers what is not covered by one with lower requester IDs.
  const units = found
    .sort((a, b) => a.segment - b.segment || a.last - b.last)
    .filter((one, index, all) => one.segment !== all[index - 1]?.segment || one.last !== all[index - 1]?.last)
    .slice(0, MAX_UNITS);
  if (units.length === 0) return [];
  inferred.add('/units', `${units.length} units`, 'no table was given: they are those in /sys');
  const reason = 'under which requester ID they send is in the table only';
  inferred.add('/units', 'IO-APICs and HPETs behind no unit', reason);
  return units.map(({ segment, last, functions }, index): MachineUnit => {
    const registerBase = TOP - (index + 1) * REGISTER_BYTES;
    const isLast = units[index + 1]?.segment !== segment;
    const path = `/units/${index}`;
    inferred.add(
      path,
      `${functions} functions`,
      'those that /sys lists behind it, and what lies between them',
    );
    inferred.add(`${path}/registerBase`, hex(registerBase), 'where its registers are is in the table only');
    inferred.add(`${path}/version`, '4.0', 'no capture has the register');
    if (features === undefined) {
      inferred.add(`${path}/capability`, usualAmdFeatures, '/sys does not have the features of the unit');
    }
    return {
      name: `ivhd${index}`,
      architecture: 'amd-vi',
      segment,
      registerBase,
      capability: features?.features ?? usualAmdFeatures,
      extendedCapability: features?.features2 ?? '0000000000000000',
      version: VERSION,
      lastRequesterId: isLast ? 0xffff : last,
    };
  });
}
