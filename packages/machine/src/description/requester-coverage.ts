import { UserError } from '@quiesce/simulation';
import {
  type Dmar,
  parseDmar,
  type ResolvedDmar,
  type ResolvedMemory,
  type ResolvedUnit,
  resolveScopes,
  type ScopeTopology,
  unitForRequester,
} from '@quiesce/vtd-iommu';
import { hexToBytes } from '../build/config-bytes.ts';
import type { Machine } from './machine.ts';

/** A machine's DMAR table, its scopes followed; without one, or with one that cannot be read, without both. */
export interface MachineScopes {
  readonly dmar?: Dmar;
  readonly resolved?: ResolvedDmar;
  /** Why the table could not be read, if it could not. */
  readonly unreadable?: string;
}

/** The remapping unit that a requester's requests pass. */
export interface CoveringUnit {
  /** As the machine names it, or `dmar<index>` of the table where the machine has no unit at its registers. */
  readonly name: string;
  /** What the DMAR table says of it; undefined for units of other architectures. */
  readonly resolved?: ResolvedUnit;
}

/** Reads the DMAR table of a machine and follows its scopes through the functions that were captured. Never throws. */
export function scopesOfMachine(machine: Machine, topology: ScopeTopology): MachineScopes {
  const bytes = machine.dmar === undefined ? undefined : hexToBytes(machine.dmar);
  if (bytes === undefined) return {};
  try {
    const dmar = parseDmar(bytes);
    return { dmar, resolved: resolveScopes(dmar, topology) };
  } catch (error) {
    if (error instanceof UserError) return { unreadable: error.message };
    throw error;
  }
}

/**
 * Which unit a requester's requests pass (VT-d 8.3, IVRS): by the DMAR table where there is one, otherwise by segment and the
 * last requester ID of each unit; undefined if none is known to.
 */
export function unitOfRequester(
  machine: Machine,
  { resolved }: MachineScopes,
  segment: number,
  requesterId: number,
): CoveringUnit | undefined {
  if (resolved === undefined) {
    const unit = machine.units.find(
      (one) =>
        one.segment === segment &&
        one.architecture !== 'vt-d' &&
        requesterId <= (one.lastRequesterId ?? 0xffff),
    );
    return unit === undefined ? undefined : { name: unit.name };
  }
  const index = unitForRequester(resolved, segment, requesterId);
  const unit = index === undefined ? undefined : resolved.units[index];
  if (unit === undefined) return undefined;
  const named = machine.units.find((one) => one.registerBase === unit.registerBase);
  return { name: named?.name ?? `dmar${unit.index}`, resolved: unit };
}

/** Reserved memory (RMRR) whose scopes name a requester, or a bridge above it, as Linux takes them. */
export function reservedMemoryOf(
  { resolved }: MachineScopes,
  segment: number,
  requesterId: number,
): { readonly memory: ResolvedMemory; readonly scope: ResolvedMemory['functions'][number]['scope'] }[] {
  const bus = requesterId >>> 8;
  return (resolved?.reservedMemory ?? []).flatMap((memory) => {
    if (memory.segment !== segment) return [];
    const named =
      memory.functions.find((one) => one.requesterId === requesterId) ??
      memory.subtrees.find(
        ({ requesterId: bridge, buses }) =>
          bridge === requesterId || (buses !== undefined && buses.first <= bus && buses.last >= bus),
      );
    return named === undefined ? [] : [{ memory, scope: named.scope }];
  });
}
