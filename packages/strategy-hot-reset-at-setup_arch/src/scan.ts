import type { Type1ConfigAccess } from '@quiesce/strategy';
import { type EarlyFunction, readFunction } from './early-function.ts';

const BUSES = 256;
const DEVICES = 32;
const FUNCTIONS = 8;

/**
 * Every function that answers, by ascending bus, each at the moment at which the loop reaches it: what the caller does
 * between two of them, the hardware has seen when the next one is looked at. `all` looks at every bus number, as the
 * early dump of PCI devices does; without it the scan starts at 00:00 and follows bridges, and so sees one root complex.
 */
export function* scan(type1: Type1ConfigAccess, all: boolean): Generator<EarlyFunction, void, undefined> {
  const followed = new Set<number>();
  const pending = all ? Array.from({ length: BUSES }, (_, bus) => bus) : [0];
  for (const bus of pending) {
    for (const each of functionsOn(type1, bus)) {
      // A bridge that leads back to a bus already seen is not followed: its numbers are not to be trusted.
      if (!all && each.secondaryBus > bus && !followed.has(each.secondaryBus)) {
        followed.add(each.secondaryBus);
        pending.push(each.secondaryBus);
      }
      yield each;
    }
  }
}

/** Every function of one bus that answers. */
export function* functionsOn(
  type1: Type1ConfigAccess,
  bus: number,
): Generator<EarlyFunction, void, undefined> {
  for (let device = 0; device < DEVICES; device++) {
    for (let fn = 0; fn < FUNCTIONS; fn++) {
      const found = answers(type1, bus, device, fn);
      const single = fn === 0 && (!found || (type1.read8(bus, device, 0, 0x0e) & 0x80) === 0);
      if (found) yield readFunction(type1, bus, device, fn);
      if (single) break;
    }
  }
}

function answers(type1: Type1ConfigAccess, bus: number, device: number, fn: number): boolean {
  const vendor = type1.read16(bus, device, fn, 0);
  return vendor !== 0xffff && vendor !== 0;
}
