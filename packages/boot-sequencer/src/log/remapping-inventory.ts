import type { RemappingUnitHandle } from '@quiesce/strategy';
import { type Dmar, type Drhd, SCOPE_HPET, SCOPE_IO_APIC } from '@quiesce/vtd-iommu';
import type { KernelMessages } from '../profile/kernel-messages.ts';
import { VTD } from '../remapping/vt-d/register-offsets.ts';
import { fillMessage, hex } from './fill-message.ts';

/** A unit with what its lines name. */
export interface NamedUnit {
  readonly handle: RemappingUnitHandle;
  readonly index: number;
  readonly base: number;
}

/** ECAP.IR */
const INTERRUPT_REMAPPING = 8;

/** What a kernel prints while it reads the DMAR table and first meets the units (dmar_table_init). */
export function remappingInventory(
  messages: KernelMessages,
  dmar: Dmar,
  units: readonly NamedUnit[],
): string[] {
  const lines: string[] = [];
  const say = (wording: string | null, values: Readonly<Record<string, string | number>>): void => {
    if (wording !== null) lines.push(fillMessage(wording, values));
  };
  const find = (one: Drhd) =>
    units.find(({ base, handle }) => base === one.registerBase && handle.segment === one.segment);
  say(messages.hostAddressWidth, { bits: dmar.hostAddressWidth + 1 });
  for (const one of dmar.structures) {
    switch (one.type) {
      case 'DRHD': {
        say(messages.unit, { base14: hex(one.registerBase, 14), flags: hex(one.flags) });
        const unit = find(one);
        if (unit !== undefined && messages.unitRegisters !== null)
          say(messages.unitRegisters, registersOf(unit));
        break;
      }
      case 'RMRR':
        say(messages.reservedMemory, { start14: hex(one.base, 14), end14: hex(one.limit, 14) });
        break;
      case 'ATSR':
        say(messages.ats, { flags: hex(one.flags) });
        break;
      case 'RHSA':
        say(messages.proximity, {
          base14: hex(one.registerBase, 14),
          domain: hex(one.proximityDomain),
        });
        break;
      case 'SATC':
        say(messages.satc, { flags: hex(one.flags) });
        break;
      case 'ANDD':
        say(messages.acpiDevice, { number: one.deviceNumber, device: one.name });
        break;
    }
  }
  for (const one of dmar.structures) {
    const unit = one.type === 'DRHD' ? find(one) : undefined;
    if (one.type !== 'DRHD' || unit === undefined) continue;
    if ((unit.handle.read32(VTD.extendedCapability) & INTERRUPT_REMAPPING) === 0) continue;
    const place = { name: unit.handle.name, index: unit.index, base: hex(unit.base) };
    for (const { type, enumerationId } of one.scopes) {
      if (type === SCOPE_IO_APIC) say(messages.ioApic, { ...place, id: enumerationId });
      if (type === SCOPE_HPET) say(messages.hpet, { ...place, id: enumerationId });
    }
  }
  return lines;
}

/** What a kernel says of structures that a table does not have, before it sets up translation. */
export function absentStructures(messages: KernelMessages, dmar: Dmar): string[] {
  const has = (type: string): boolean => dmar.structures.some((one) => one.type === type);
  const lines = [
    has('RMRR') ? null : messages.noReservedMemory,
    has('ATSR') ? null : messages.noAts,
    has('SATC') ? null : messages.noSatc,
  ];
  return lines.filter((line) => line !== null);
}

function registersOf({ handle, index, base }: NamedUnit): Record<string, string | number> {
  const version = handle.read32(VTD.version);
  return {
    name: handle.name,
    index,
    base: hex(base),
    major: (version >>> 4) & 0xf,
    minor: version & 0xf,
    capability: wide(handle, VTD.capability),
    extended: wide(handle, VTD.extendedCapability),
  };
}

/** A register of 64 bits, as %llx prints it. */
function wide(handle: RemappingUnitHandle, offset: number): string {
  const low = handle.read32(offset);
  const high = handle.read32(offset + 4);
  return high === 0 ? hex(low) : hex(high) + hex(low, 8);
}
