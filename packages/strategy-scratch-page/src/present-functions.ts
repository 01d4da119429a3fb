import type { Type1ConfigAccess } from '@quiesce/strategy';

const BUSES = 256;
const HEADER_TYPE = 0x0e;
const MULTIFUNCTION = 0x80;

/** Requester IDs of every function of segment 0 that answers now, found without anybody's list. */
export function* presentFunctions(type1: Type1ConfigAccess): Generator<number, void, undefined> {
  for (let bus = 0; bus < BUSES; bus++) {
    for (let device = 0; device < 32; device++) {
      for (let fn = 0; fn < 8; fn++) {
        if (type1.read16(bus, device, fn, 0) === 0xffff) {
          if (fn === 0) break;
          continue;
        }
        yield bus * 256 + device * 8 + fn;
        if (fn === 0 && (type1.read8(bus, device, 0, HEADER_TYPE) & MULTIFUNCTION) === 0) break;
      }
    }
  }
}
