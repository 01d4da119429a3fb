import type { Address, RegisterFile } from '@quiesce/simulation';

/** Place and size of a queue, as its BASE register says. */
export function queueAddress(registers: RegisterFile, base: number): Address {
  const low = registers.peek32(base);
  return (registers.peek32(base + 4) & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_ffe0) >>> 0);
}

/** log2 of the queue's entries, no more than the implementation has. */
export function queueLog2(registers: RegisterFile, base: number, largest: number): number {
  return Math.min(registers.peek32(base) & 0x1f, largest);
}

/** Index and wrap flag out of a PROD or CONS register. */
export function position(register: number, log2: number): number {
  return register & (2 ** (log2 + 1) - 1);
}

/** Producer and consumer are at the same index with different wrap flags. */
export function isFull(prod: number, cons: number, log2: number): boolean {
  return (position(prod, log2) ^ position(cons, log2)) === 2 ** log2;
}
