import {
  DMAR_INTERRUPT_REMAPPING,
  DMAR_X2APIC_OPT_OUT,
  type Dmar,
  type DmarStructure,
} from '@quiesce/vtd-iommu';
import type { LoggedBoot } from './boot-record.ts';
import type { InferenceList } from './inference-list.ts';

/** Of servers; what a table has if the log does not say it. */
const USUAL_ADDRESS_WIDTH = 46;

/**
 * A DMAR table of what a kernel said while it parsed the real one. The kernel prints no device scopes and no segments: a unit that
 * does not include all is left with no function at all, and reserved memory belongs to nobody. Undefined if no unit was printed.
 */
export function dmarOfBoot(boot: LoggedBoot, inferred: InferenceList): Dmar | undefined {
  if (boot.units.length === 0) return undefined;
  const { file } = boot;
  const lines = `lines ${boot.units[0]?.line} ff. of ${file}`;
  inferred.add('/dmar', `${boot.units.length} units`, `no table was given: it is made from ${lines}`);
  const structures: DmarStructure[] = boot.units.map(({ registerBase, flags }, index) => {
    const path = `/units/${index}`;
    inferred.add(`${path}/segment`, '0', 'the kernel does not print it');
    if (flags === undefined) {
      inferred.add(path, 'no function', 'the line that says what it includes is not in the log');
    } else if ((flags & 1) === 0) {
      inferred.add(path, 'no function', 'it has functions of its own, which the kernel does not print');
    }
    return { type: 'DRHD', flags: (flags ?? 0) & 0xff, segment: 0, registerBase, scopes: [] };
  });
  for (const { base, limit } of boot.reservedMemory) {
    structures.push({ type: 'RMRR', segment: 0, base, limit, scopes: [] });
  }
  if (boot.reservedMemory.length > 0) {
    const value = `${boot.reservedMemory.length} ranges of reserved memory for no device`;
    inferred.add('/dmar', value, 'the kernel does not print for which devices they are');
  }
  for (const { flags } of boot.rootPortAts) structures.push({ type: 'ATSR', flags, segment: 0, scopes: [] });
  for (const { registerBase, domain } of boot.proximity) {
    structures.push({ type: 'RHSA', registerBase, proximityDomain: domain });
  }
  for (const { number, name } of boot.acpiDevices) {
    structures.push({ type: 'ANDD', deviceNumber: number, name });
  }
  for (const { flags } of boot.integratedAts)
    structures.push({ type: 'SATC', flags, segment: 0, scopes: [] });
  const { interruptSources: sources } = boot;
  if (sources.length > 0) {
    const value = `${sources.length} IO-APICs and HPETs behind no unit`;
    inferred.add('/dmar', value, 'the kernel does not print under which requester ID they send');
  }
  const width = boot.hostAddressWidth ?? USUAL_ADDRESS_WIDTH;
  const interrupts = sources.length > 0 || boot.interruptRemapping !== undefined;
  return {
    revision: 1,
    oemId: 'QUIESC',
    oemTableId: 'BOOTLOG',
    oemRevision: 1,
    creatorId: 'QSCE',
    creatorRevision: 1,
    hostAddressWidth: Math.min(Math.max(width, 1), 64) - 1,
    flags: (interrupts ? DMAR_INTERRUPT_REMAPPING : 0) | (boot.x2apicOptOut ? DMAR_X2APIC_OPT_OUT : 0),
    structures,
    notes: [],
  };
}
