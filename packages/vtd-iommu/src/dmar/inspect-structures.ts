import type { Address } from '@quiesce/simulation';
import type { ByteWindow } from './byte-window.ts';
import { type DeviceScope, type DmarNote, type DmarStructure, type Drhd, includesAll } from './dmar-table.ts';
import { asBytes } from './parse-structure.ts';

/**
 * What the structures say of each other. Two units at one place cannot be: if damage is kept, the one that stands behind the
 * other becomes bytes, and so does one where no unit can be. The rest is noted.
 */
export function inspectStructures(
  structures: readonly DmarStructure[],
  window: ByteWindow,
  notes: DmarNote[],
): readonly DmarStructure[] {
  const all = structures.filter((one) => one.type === 'DRHD');
  const misplaced = window.keepsDamage ? misplacedUnits(all, notes) : new Set<Drhd>();
  const placed = misplaced.size === 0 ? all : all.filter((one) => !misplaced.has(one));
  const leftOut = overlappingUnits(placed, window, notes);
  for (const one of misplaced) leftOut.add(one);
  const units = leftOut.size === 0 ? all : all.filter((one) => !leftOut.has(one));
  noteIncludeAllOrder(units, notes);
  noteSameScopes(units, notes);
  const reserved = structures.filter((one) => one.type === 'RMRR');
  const sorted = [...reserved].sort((a, b) => a.base - b.base);
  let end: Address = -1;
  for (const { base, limit, offset } of sorted) {
    if (base <= end) {
      const message = `reserved memory from 0x${base.toString(16)} overlaps another`;
      notes.push({ code: 'RMRR_OVERLAP', offset: offset ?? 0, message });
    }
    end = Math.max(end, limit);
  }
  if (leftOut.size === 0) return structures;
  return structures.map((one) => {
    const at = one.type === 'DRHD' && leftOut.has(one) ? (one.offset ?? 0) : undefined;
    return at === undefined ? one : asBytes(window.part(at, at + window.u16(at + 2)));
  });
}

/** Registers take whole pages, and none stand at 0 (Linux: "returns address 0"). */
function misplacedUnits(units: readonly Drhd[], notes: DmarNote[]): Set<Drhd> {
  const misplaced = new Set<Drhd>();
  for (const unit of units) {
    if (unit.registerBase !== 0 && unit.registerBase % 4096 === 0) continue;
    const message = `no unit can have its registers at 0x${unit.registerBase.toString(16)}; it is left out`;
    notes.push({ code: 'REGISTER_BASE', offset: (unit.offset ?? 0) + 8, message });
    misplaced.add(unit);
  }
  return misplaced;
}

function overlappingUnits(units: readonly Drhd[], window: ByteWindow, notes: DmarNote[]): Set<Drhd> {
  const doubled = new Set<Drhd>();
  const sorted = [...units].sort((a, b) => a.registerBase - b.registerBase);
  let last: Drhd | undefined;
  for (const unit of sorted) {
    if (last === undefined || unit.registerBase >= endOfRegisters(last)) {
      last = unit;
      continue;
    }
    const at = (unit.offset ?? 0) + 8;
    const message = `two units have their registers at 0x${unit.registerBase.toString(16)}`;
    if (!window.keepsDamage)
      window.fail('DMAR_OVERLAP', at, message, 'a register block of its own for each unit');
    const [first, second]: [Drhd, Drhd] =
      (last.offset ?? 0) < (unit.offset ?? 0) ? [last, unit] : [unit, last];
    notes.push({
      code: 'UNIT_OVERLAP',
      offset: (second.offset ?? 0) + 8,
      message: `${message}; the second is left out`,
    });
    doubled.add(second);
    last = first;
  }
  return doubled;
}

function endOfRegisters(unit: Drhd): Address {
  return unit.registerBase + 4096 * 2 ** ((unit.size ?? 0) & 0xf);
}

function noteIncludeAllOrder(units: readonly Drhd[], notes: DmarNote[]): void {
  const complete = new Set<number>();
  for (const unit of units) {
    if (complete.has(unit.segment)) {
      const message = `a unit of segment ${unit.segment} stands behind the one that includes all`;
      notes.push({ code: 'INCLUDE_ALL_ORDER', offset: unit.offset ?? 0, message });
    }
    if (includesAll(unit)) complete.add(unit.segment);
  }
}

function noteSameScopes(units: readonly Drhd[], notes: DmarNote[]): void {
  const seen = new Set<string>();
  for (const unit of units) {
    for (const scope of unit.scopes) {
      const key = `${unit.segment} ${scopeKey(scope)}`;
      if (seen.has(key)) {
        const message = 'the same device scope stands in the table before';
        notes.push({ code: 'SAME_SCOPE', offset: scope.offset ?? 0, message });
      }
      seen.add(key);
    }
  }
}

function scopeKey({ type, enumerationId, startBus, path }: DeviceScope): string {
  const isPci = type <= 2;
  return `${isPci ? 'pci' : `${type}/${enumerationId}`} ${startBus} ${path.map((s) => `${s.device}.${s.fn}`).join(' ')}`;
}
