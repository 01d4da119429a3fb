import type { Address, MemoryOwner, RemappingUnit } from '@quiesce/simulation';
import type { BusMaster } from './bus-master.ts';
import type { DmaPathParts } from './dma-path.ts';
import type { RequestTranslation } from './request-translation.ts';

/** Where requests go on whose answer is known: it held for an earlier one in the same page. */
export interface SteadyPlace {
  readonly parts: DmaPathParts;
  readonly translation: RequestTranslation;
  readonly requesterId: number;
  readonly owner: MemoryOwner;
}

/**
 * Reads of a dword, `stride` bytes apart; returns how many were made. Their values go to `into` or, where that is
 * undefined, they end before the first that would not give `expected`: to look at memory before the request changes
 * nothing.
 */
export function readOn(
  place: SteadyPlace,
  master: BusMaster,
  address: Address,
  stride: number,
  count: number,
  expected: number,
  into: Float64Array | undefined,
): number {
  const { memory } = place.parts;
  const unit = unitOf(place, master);
  const answer = place.translation.answer(master, unit, place.requesterId, address, 4, false);
  const physical = answer.address;
  let made = 0;
  while (made < count) {
    const value = memory.read32(physical + made * stride);
    if (into !== undefined) into[made] = value;
    else if (value !== expected) break;
    made = stride === 0 && into === undefined ? count : made + 1;
  }
  if (made > 0) tell(place, master, address, 4, false, made, unit);
  return made;
}

/** Writes of `length` bytes, `stride` bytes apart: of the dword `value`, or of the device's data if it is negative. */
export function writeOn(
  place: SteadyPlace,
  master: BusMaster,
  address: Address,
  length: number,
  stride: number,
  count: number,
  value: number,
): void {
  const { memory } = place.parts;
  const unit = unitOf(place, master);
  const answer = place.translation.answer(master, unit, place.requesterId, address, length, true);
  const physical = answer.address;
  for (let i = 0; i < count; i++) {
    const at = physical + i * stride;
    if (value >= 0) memory.write32(at, value, master.writer);
    else memory.writePattern(at, length, master.seed, master.writer);
  }
  tell(place, master, address, length, true, count, unit);
}

function unitOf(place: SteadyPlace, master: BusMaster): RemappingUnit | undefined {
  return place.parts.units.unit(master.fn.description.segment, place.requesterId);
}

function tell(
  place: SteadyPlace,
  master: BusMaster,
  address: Address,
  length: number,
  write: boolean,
  count: number,
  unit: RemappingUnit | undefined,
): void {
  const { address: physical, untranslated, entryAddress } = place.translation.outcome;
  place.parts.observer.dmaReached(
    master.fn,
    place.requesterId,
    address,
    physical,
    place.owner,
    count * length,
    write,
    untranslated,
    count,
    entryAddress,
    unit,
  );
}
