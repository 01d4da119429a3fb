import type { ResolvedDmar, ResolvedUnit } from './resolve-scopes.ts';
import type { ScopeTopology } from './scope-path.ts';

const NONE = -1;

/** Which unit a requester passes, by segment. Made for a lookup per request: three array reads. */
export interface UnitTable {
  readonly segments: ReadonlyMap<number, SegmentUnits>;
}

interface SegmentUnits {
  /** Unit of a whole bus, by bus; -1 if none. */
  readonly ofBus: Int32Array;
  /** Units by devfn, for buses where they differ; undefined where the bus has one answer. */
  readonly ofFunction: (Int32Array | undefined)[];
}

/**
 * Index of the unit that requests of this requester ID pass (a real function or an alias); undefined if no unit
 * covers it. A function that is named goes before a bridge above it, that before a unit that includes all, and the
 * unit that stands first in the table goes before others.
 */
export function unitForRequester(
  resolved: ResolvedDmar,
  segment: number,
  requesterId: number,
): number | undefined {
  const units = resolved.table.segments.get(segment);
  if (units === undefined) return undefined;
  const functions = units.ofFunction[requesterId >>> 8];
  const unit =
    functions === undefined
      ? (units.ofBus[requesterId >>> 8] as number)
      : (functions[requesterId & 0xff] as number);
  return unit === NONE ? undefined : unit;
}

/** Fills the table from the weakest claim to the strongest, so that the stronger overwrites. */
export function buildUnitTable(units: readonly ResolvedUnit[], topology: ScopeTopology): UnitTable {
  const segments = new Map<number, SegmentUnits>();
  const backwards = [...units].reverse();
  for (const unit of backwards) {
    const segment = segmentUnits(segments, unit.segment);
    if (unit.includeAll) segment.ofBus.fill(unit.index);
  }
  for (const unit of backwards) {
    const segment = segmentUnits(segments, unit.segment);
    // A larger subtree first: the bridge nearer to the device decides.
    const bySize = [...unit.subtrees].sort((a, b) => span(b.buses) - span(a.buses));
    for (const { buses } of bySize) {
      if (buses === undefined) continue;
      for (let bus = buses.first; bus <= buses.last && bus < 256; bus++) segment.ofBus[bus] = unit.index;
    }
  }
  for (const unit of backwards) {
    const segment = segmentUnits(segments, unit.segment);
    const named = [...unit.subtrees, ...unit.functions, ...unit.ioApics, ...unit.hpets, ...unit.acpiDevices];
    for (const { requesterId } of named) {
      setFunction(segment, requesterId, unit.index);
      for (const alias of topology.aliases?.(unit.segment, requesterId) ?? []) {
        setFunction(segment, alias & 0xffff, unit.index);
      }
    }
  }
  return { segments };
}

function span(buses: { readonly first: number; readonly last: number } | undefined): number {
  return buses === undefined ? 0 : buses.last - buses.first + 1;
}

function setFunction(segment: SegmentUnits, requesterId: number, unit: number): void {
  const bus = requesterId >>> 8;
  let functions = segment.ofFunction[bus];
  if (functions === undefined) {
    functions = new Int32Array(256).fill(segment.ofBus[bus] as number);
    segment.ofFunction[bus] = functions;
  }
  functions[requesterId & 0xff] = unit;
}

function segmentUnits(segments: Map<number, SegmentUnits>, segment: number): SegmentUnits {
  let units = segments.get(segment);
  if (units === undefined) {
    units = { ofBus: new Int32Array(256).fill(NONE), ofFunction: new Array(256).fill(undefined) };
    segments.set(segment, units);
  }
  return units;
}
