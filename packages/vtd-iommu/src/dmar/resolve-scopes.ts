import type { Address } from '@quiesce/simulation';
import type { DeviceScope, Dmar, DmarStructure, Drhd } from './dmar-table.ts';
import { includesAll, SCOPE_ACPI_DEVICE, SCOPE_BRIDGE, SCOPE_HPET, SCOPE_IO_APIC } from './dmar-table.ts';
import { type FunctionScope, type ResolvedScope, resolveScope, type ScopeTopology } from './scope-path.ts';
import { buildUnitTable, type UnitTable } from './unit-table.ts';

/** An IO-APIC, HPET or ACPI device of a unit and the requester ID under which it sends. */
export interface PlatformScope {
  readonly enumerationId: number;
  readonly requesterId: number;
  /** Of an ACPI device: its name, if the table has one for this number. */
  readonly name?: string;
  readonly scope: DeviceScope;
}

/** A bridge with everything below it, as its bus numbers are now. */
export interface SubtreeScope {
  /** Of the bridge itself. */
  readonly requesterId: number;
  /** Buses below it, both included; without them only the bridge itself is meant. */
  readonly buses: { readonly first: number; readonly last: number } | undefined;
  readonly scope: DeviceScope;
}

/** A scope that leads nowhere on this machine. */
export interface AbsentScope {
  readonly scope: DeviceScope;
  /** Where the way ends: `0000:03:00.0`. */
  readonly missing: string;
}

/** Device scopes of one structure, sorted by kind. */
export interface ScopeSet {
  readonly functions: readonly FunctionScope[];
  readonly subtrees: readonly SubtreeScope[];
  readonly ioApics: readonly PlatformScope[];
  readonly hpets: readonly PlatformScope[];
  readonly acpiDevices: readonly PlatformScope[];
  readonly absent: readonly AbsentScope[];
}

/** A remapping unit and what it covers on one machine. */
export interface ResolvedUnit extends ScopeSet {
  /** Position among the units of the table; Linux calls it `dmar<index>`. */
  readonly index: number;
  readonly segment: number;
  readonly registerBase: Address;
  readonly includeAll: boolean;
  readonly drhd: Drhd;
}

/** Memory that firmware reserved (RMRR) and who uses it. */
export interface ResolvedMemory extends ScopeSet {
  readonly segment: number;
  readonly base: Address;
  /** Last byte, included. */
  readonly limit: Address;
}

/** A table with every scope followed on one machine. */
export interface ResolvedDmar {
  readonly units: readonly ResolvedUnit[];
  /** RMRRs with the functions that use them. */
  readonly reservedMemory: readonly ResolvedMemory[];
  readonly table: UnitTable;
}

/**
 * Follows every device scope of a table through the bridges of a machine. Scopes that lead nowhere are listed under
 * `absent`, not dropped: firmware often names functions that are disabled.
 */
export function resolveScopes(dmar: Dmar, topology: ScopeTopology): ResolvedDmar {
  const names = acpiNames(dmar.structures);
  const units: ResolvedUnit[] = [];
  const reservedMemory: ResolvedMemory[] = [];
  for (const structure of dmar.structures) {
    if (structure.type === 'DRHD') {
      units.push({
        index: units.length,
        segment: structure.segment,
        registerBase: structure.registerBase,
        includeAll: includesAll(structure),
        drhd: structure,
        ...resolveScopeSet(structure.segment, structure.scopes, topology, names),
      });
    } else if (structure.type === 'RMRR') {
      const { segment, base, limit, scopes } = structure;
      reservedMemory.push({ segment, base, limit, ...resolveScopeSet(segment, scopes, topology, names) });
    }
  }
  return { units, reservedMemory, table: buildUnitTable(units, topology) };
}

/** The scopes of one structure: of a unit, of reserved memory, of an ATSR (root ports) or a SATC. */
export function resolveScopeSet(
  segment: number,
  scopes: readonly DeviceScope[],
  topology: ScopeTopology,
  names: ReadonlyMap<number, string> = new Map(),
): ScopeSet {
  const functions: FunctionScope[] = [];
  const subtrees: SubtreeScope[] = [];
  const ioApics: PlatformScope[] = [];
  const hpets: PlatformScope[] = [];
  const acpiDevices: PlatformScope[] = [];
  const absent: AbsentScope[] = [];
  for (const scope of scopes) {
    const resolved: ResolvedScope = resolveScope(segment, scope, topology);
    if (resolved.missing !== undefined) {
      absent.push({ scope, missing: resolved.missing });
      continue;
    }
    const { requesterId } = resolved;
    const { enumerationId } = scope;
    if (scope.type === SCOPE_IO_APIC) ioApics.push({ enumerationId, requesterId, scope });
    else if (scope.type === SCOPE_HPET) hpets.push({ enumerationId, requesterId, scope });
    else if (scope.type === SCOPE_ACPI_DEVICE) {
      const name = names.get(enumerationId);
      acpiDevices.push({ enumerationId, requesterId, scope, ...(name === undefined ? {} : { name }) });
    } else if (scope.type === SCOPE_BRIDGE) subtrees.push({ requesterId, buses: resolved.buses, scope });
    else functions.push({ requesterId, scope });
  }
  return { functions, subtrees, ioApics, hpets, acpiDevices, absent };
}

function acpiNames(structures: readonly DmarStructure[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const one of structures) if (one.type === 'ANDD') names.set(one.deviceNumber, one.name);
  return names;
}
