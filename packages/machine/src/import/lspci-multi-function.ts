import { requesterIdOf } from '../description/function-name.ts';
import type { LspciFunction } from './lspci.ts';

/** Header type register, and its bit that says that the device has more functions than the first (PCI 3.0, 6.2.1). */
const HEADER_TYPE = 0x0e;
const MULTI_FUNCTION = 0x80;

/**
 * Sets the bit in each function 0 that has others beside it and whose bytes are not known: without it, nobody who looks for
 * functions would find them.
 */
export function markMultiFunction(functions: readonly LspciFunction[]): void {
  const deviceOf = (one: LspciFunction): number => one.segment * 0x2000 + (requesterIdOf(one) >>> 3);
  const devices = new Set<number>();
  for (const one of functions) {
    if (one.fn > 0 && !(one.label ?? '').includes('Virtual Function')) devices.add(deviceOf(one));
  }
  for (const one of functions) {
    if (one.fn !== 0 || !devices.has(deviceOf(one))) continue;
    const rebuilt = one.decoded?.some(({ start, end }) => start <= HEADER_TYPE && HEADER_TYPE < end);
    if (rebuilt && one.bytes[HEADER_TYPE] !== 0xff) {
      one.bytes[HEADER_TYPE] = (one.bytes[HEADER_TYPE] as number) | MULTI_FUNCTION;
    }
  }
}
