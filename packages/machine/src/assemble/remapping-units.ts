import { type Address, type PhysicalMemory, UserError } from '@quiesce/simulation';
import { type Dmar, parseDmar, type ResolvedDmar, resolveScopes, unitForRequester } from '@quiesce/vtd-iommu';
import { hexToBytes } from '../build/config-bytes.ts';
import { CapturedTopology, type PlacedConfig } from '../description/captured-topology.ts';
import type { Machine } from '../description/machine.ts';
import { type AssembledUnit, createUnit } from './create-unit.ts';

/** Memory that firmware's devices go on using, and who they are. */
export interface ReservedRegion {
  readonly segment: number;
  readonly start: Address;
  /** Exclusive. */
  readonly end: Address;
  readonly requesterIds: readonly number[];
}

/** Under which requester ID an IO-APIC or HPET sends its interrupts, and through which unit. */
export interface InterruptSource {
  readonly kind: 'io-apic' | 'hpet';
  /** IO-APIC ID or HPET number. */
  readonly id: number;
  readonly segment: number;
  readonly requesterId: number;
  readonly unit: AssembledUnit;
}

/** The remapping units of a machine and who passes which. */
export interface AssembledRemapping {
  /** In the order of `machine.units`. */
  readonly units: readonly AssembledUnit[];
  readonly dmar: Dmar | undefined;
  readonly scopes: ResolvedDmar | undefined;
  readonly reservedRegions: readonly ReservedRegion[];
  readonly interruptSources: readonly InterruptSource[];
  /** The unit that this requester's requests pass; undefined if none covers it. */
  unitFor(segment: number, requesterId: number): AssembledUnit | undefined;
}

/** Carries a unit's invalidation to a device's own translations; false if the device does not answer. */
export type DeviceTlbInvalidation = (
  segment: number,
  requesterId: number,
  address: Address,
  bytes: number,
) => boolean;

/**
 * Makes the machine's units and gives each its scope from the DMAR table. Scopes are followed through the bus numbers
 * that the machine was captured with, as firmware meant them.
 * @throws UserError `MACHINE_UNIT` if units and DMAR do not belong together, and those of parseDmar
 */
export function assembleRemapping(
  machine: Machine,
  functions: readonly PlacedConfig[],
  memory: PhysicalMemory,
  invalidateDeviceTlb: DeviceTlbInvalidation,
): AssembledRemapping {
  const resolved = resolvedDmar(machine, functions);
  const dmar = resolved?.dmar;
  const hostAddressBits = dmar === undefined ? 52 : Math.min(52, dmar.hostAddressWidth + 1);
  const units = machine.units.map((unit) => {
    const made = createUnit(unit, {
      memory,
      hostAddressBits,
      onDeviceTlbInvalidate: (requesterId, address, bytes) =>
        invalidateDeviceTlb(unit.segment, requesterId, address, bytes),
      accessFails: (address) => memory.ownerAt(address) === 'none' || memory.ownerAt(address) === 'mmio',
    });
    if (made !== undefined) return made;
    throw new UserError('MACHINE_UNIT', `${unit.name}: there is no model of ${unit.architecture} units`);
  });
  if (resolved === undefined) {
    const unitFor = unitOfSegment(machine, units);
    const interruptSources = describedSources(machine, units);
    return { units, dmar, scopes: undefined, reservedRegions: [], interruptSources, unitFor };
  }
  const { scopes } = resolved;
  const byIndex = scopes.units.map(({ segment, registerBase, index }): AssembledUnit => {
    const at = machine.units.findIndex((one) => one.segment === segment && one.registerBase === registerBase);
    const unit = units[at];
    if (unit !== undefined) return unit;
    throw new UserError('MACHINE_UNIT', `the DMAR table has a unit at 0x${registerBase.toString(16)}`, {
      expected: `a unit of the machine with that register base (unit ${index} of the table)`,
    });
  });
  return {
    units,
    dmar: resolved.dmar,
    scopes,
    reservedRegions: reservedRegionsOf(scopes, functions),
    interruptSources: interruptSourcesOf(scopes, byIndex),
    unitFor: (segment, requesterId) => {
      const index = unitForRequester(scopes, segment, requesterId);
      return index === undefined ? undefined : byIndex[index];
    },
  };
}

interface Resolved {
  readonly dmar: Dmar;
  readonly scopes: ResolvedDmar;
}

/** The table and its scopes follow from the machine alone, which many runs share. */
const resolvedTables = new WeakMap<Machine['functions'], Resolved & { readonly table: string }>();

/** @throws UserError those of parseDmar */
function resolvedDmar(machine: Machine, functions: readonly PlacedConfig[]): Resolved | undefined {
  const table = machine.dmar;
  if (table === undefined) return undefined;
  const known = resolvedTables.get(machine.functions);
  if (known?.table === table) return known;
  const dmar = parseDmar(hexToBytes(table) ?? new Uint8Array());
  const resolved = { table, dmar, scopes: resolveScopes(dmar, new CapturedTopology(functions)) };
  resolvedTables.set(machine.functions, resolved);
  return resolved;
}

function reservedRegionsOf(scopes: ResolvedDmar, functions: readonly PlacedConfig[]): ReservedRegion[] {
  return scopes.reservedMemory.map(({ segment, base, limit, functions: named, subtrees }) => {
    const requesterIds = new Set([...named, ...subtrees].map((one) => one.requesterId));
    for (const { buses } of subtrees) {
      if (buses === undefined) continue;
      for (const one of functions) {
        if (one.segment !== segment || one.bus < buses.first || one.bus > buses.last) continue;
        requesterIds.add((one.bus << 8) | (one.device << 3) | one.fn);
      }
    }
    return { segment, start: base, end: limit + 1, requesterIds: [...requesterIds] };
  });
}

function interruptSourcesOf(scopes: ResolvedDmar, units: readonly AssembledUnit[]): InterruptSource[] {
  return scopes.units.flatMap(({ index, segment, ioApics, hpets }) => {
    const unit = units[index] as AssembledUnit;
    const source = (kind: InterruptSource['kind'], id: number, requesterId: number): InterruptSource => {
      return { kind, id, segment, requesterId, unit };
    };
    return [
      ...ioApics.map((one) => source('io-apic', one.enumerationId, one.requesterId)),
      ...hpets.map((one) => source('hpet', one.enumerationId, one.requesterId)),
    ];
  });
}

/** Where no DMAR table names the interrupt controllers, the unit's own description may. */
function describedSources(machine: Machine, units: readonly AssembledUnit[]): InterruptSource[] {
  return machine.units.flatMap(({ segment, interruptSources = [] }, index) =>
    interruptSources.map((one) => ({ ...one, segment, unit: units[index] as AssembledUnit })),
  );
}

/** Without a DMAR table: units of other architectures cover their segments, those of VT-d nothing. */
function unitOfSegment(
  machine: Machine,
  units: readonly AssembledUnit[],
): (segment: number, requesterId: number) => AssembledUnit | undefined {
  return (segment, requesterId) =>
    units[
      machine.units.findIndex(
        (one) =>
          one.segment === segment &&
          one.architecture !== 'vt-d' &&
          requesterId <= (one.lastRequesterId ?? 0xffff),
      )
    ];
}
