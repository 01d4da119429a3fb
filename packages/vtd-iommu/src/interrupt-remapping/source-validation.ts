import {
  interruptSourceId,
  interruptSourceQualifier,
  interruptSourceValidation,
} from '../tables/interrupt-entry.ts';

/** Bits of the function number that SQ leaves out of the comparison (VT-d 9.9). */
const ignoredBits = [0, 0x4, 0x6, 0x7] as const;

/** Says whether `requesterId` may use an entry whose third dword is `word2`. */
export function sourceIsValid(word2: number, requesterId: number): boolean {
  const validation = interruptSourceValidation(word2);
  const source = interruptSourceId(word2);
  if (validation === 0) return true;
  if (validation === 1) {
    const ignored = ignoredBits[interruptSourceQualifier(word2) as 0 | 1 | 2 | 3];
    return ((source ^ requesterId) & ~ignored & 0xffff) === 0;
  }
  const bus = requesterId >>> 8;
  return bus >= source >>> 8 && bus <= (source & 0xff);
}
