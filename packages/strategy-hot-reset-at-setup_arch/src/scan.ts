import type { Type1ConfigAccess } from '@quiesce/strategy';
import { type EarlyFunction, readFunction } from './early-function.ts';

const BUSES = 256;
const DEVICES = 32;
const FUNCTIONS = 8;

/** A bus with something on it. */
export interface EarlyBus {
  /** The bridge that leads to it; undefined for a root bus. */
  readonly bridge: EarlyFunction | undefined;
  readonly functions: EarlyFunction[];
}

/**
 * Every function that answers, by bus, in ascending order of bus. `all` looks at every bus number, as the early dump of
 * PCI devices does; without it the scan starts at 00:00 and follows bridges, and so sees one root complex.
 */
export function scan(type1: Type1ConfigAccess, all: boolean): Map<number, EarlyBus> {
  const buses = new Map<number, EarlyBus>();
  const bridges = new Map<number, EarlyFunction>();
  const pending = all ? Array.from({ length: BUSES }, (_, bus) => bus) : [0];
  for (const bus of pending) {
    const functions = scanBus(type1, bus);
    if (functions.length === 0) continue;
    buses.set(bus, { bridge: bridges.get(bus), functions });
    for (const each of functions) {
      // A bridge that leads back to a bus already seen is not followed: its numbers are not to be trusted.
      if (each.headerType !== 1 || each.secondaryBus <= bus || bridges.has(each.secondaryBus)) continue;
      bridges.set(each.secondaryBus, each);
      if (!all) pending.push(each.secondaryBus);
    }
  }
  return buses;
}

function scanBus(type1: Type1ConfigAccess, bus: number): EarlyFunction[] {
  const found: EarlyFunction[] = [];
  for (let device = 0; device < DEVICES; device++) {
    for (let fn = 0; fn < FUNCTIONS; fn++) {
      if (answers(type1, bus, device, fn)) found.push(readFunction(type1, bus, device, fn));
      else if (fn === 0) break;
      if (fn === 0 && (type1.read8(bus, device, 0, 0x0e) & 0x80) === 0) break;
    }
  }
  return found;
}

function answers(type1: Type1ConfigAccess, bus: number, device: number, fn: number): boolean {
  const vendor = type1.read16(bus, device, fn, 0);
  return vendor !== 0xffff && vendor !== 0;
}
