import type { Type1ConfigAccess } from '@quiesce/strategy';
import type { MessageFunction } from './clear-msi.ts';

const BUSES = 256;
const STATUS_CAPABILITIES = 1 << 4;
/** 256 bytes hold no more capabilities than this (4 bytes each, after the header). */
const LONGEST_CHAIN = 48;

/** A function as early quirks know it. */
export interface EarlyFunction extends MessageFunction {
  /** `0000:01:00.0` */
  readonly name: string;
}

/**
 * Every function that answers to type 1 accesses. `all` looks at every bus; without it the scan starts at 00:00 and
 * follows bridges, and so misses what is below another root complex.
 */
export function* earlyScan(
  type1: Type1ConfigAccess,
  all: boolean,
): Generator<EarlyFunction, void, undefined> {
  const pending = all ? Array.from({ length: BUSES }, (_, bus) => bus) : [0];
  const followed = new Set<number>();
  for (const bus of pending) {
    for (let device = 0; device < 32; device++) {
      for (let fn = 0; fn < 8; fn++) {
        const vendor = type1.read16(bus, device, fn, 0);
        const found = vendor !== 0xffff && vendor !== 0;
        if (!found && fn === 0) break;
        if (!found) continue;
        const headerType = type1.read8(bus, device, fn, 0x0e);
        if (!all && (headerType & 0x7f) === 1) {
          const secondary = type1.read8(bus, device, fn, 0x19);
          if (secondary > bus && !followed.has(secondary)) pending.push(secondary);
          followed.add(secondary);
        }
        yield earlyFunction(type1, bus, device, fn);
        if (fn === 0 && (headerType & 0x80) === 0) break;
      }
    }
  }
}

function earlyFunction(type1: Type1ConfigAccess, bus: number, device: number, fn: number): EarlyFunction {
  return {
    name: `0000:${hex2(bus)}:${hex2(device)}.${fn}`,
    findCapability: (id) => {
      if ((type1.read16(bus, device, fn, 0x06) & STATUS_CAPABILITIES) === 0) return 0;
      let at = type1.read8(bus, device, fn, 0x34) & 0xfc;
      for (let count = 0; at >= 0x40 && count < LONGEST_CHAIN; count++) {
        const header = type1.read16(bus, device, fn, at);
        if ((header & 0xff) === id) return at;
        at = (header >>> 8) & 0xfc;
      }
      return 0;
    },
    readConfig16: (offset) => type1.read16(bus, device, fn, offset),
    writeConfig16: (offset, value) => type1.write16(bus, device, fn, offset, value),
  };
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}
