import type { LspciFunction } from '../import/lspci.ts';

/** Whether a source has the byte at an offset of a function's config space. */
export function knownBytes(one: Pick<LspciFunction, 'bytes' | 'missing'>): (offset: number) => boolean {
  const known = new Uint8Array(one.bytes.length).fill(1);
  for (const { start, end } of one.missing) known.fill(0, start, end);
  return (offset) => known[offset] === 1;
}
