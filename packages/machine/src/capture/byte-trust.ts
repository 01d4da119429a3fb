import type { LspciFunction } from '../import/lspci.ts';

/** How much a byte of a captured config space is worth, by how it came to be known. */
export const Trust = {
  missing: 0,
  /** Nothing says it; it follows from what usually is. */
  assumed: 1,
  /** Words of lspci or of a kernel say at least a part of its bits. */
  text: 2,
  /** Read from hardware. */
  bytes: 3,
} as const;

type Sourced = Pick<LspciFunction, 'bytes' | 'missing' | 'decoded'>;

/** For each byte of a function's config space one of {@link Trust}. */
export function trustOf({ bytes, missing, decoded = [] }: Sourced): Uint8Array {
  const trust = new Uint8Array(bytes.length).fill(Trust.bytes);
  for (const { start, end } of missing) trust.fill(Trust.missing, start, end);
  for (const { start, end, from } of decoded)
    trust.fill(from === 'text' ? Trust.text : Trust.assumed, start, end);
  return trust;
}

/** Whether any byte of the header was read from hardware. */
export function hasBytes(one: Sourced): boolean {
  return trustOf(one).subarray(0, 64).includes(Trust.bytes);
}
