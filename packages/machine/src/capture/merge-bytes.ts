import type { DecodedRange } from '../import/lspci-decoded-space.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import { Trust, trustOf } from './byte-trust.ts';

/** Standard header: what stands behind it is at offsets that a boot log does not say. */
const HEADER_BYTES = 64;

/**
 * Each byte from whichever of two sources is worth more, `one` if they are worth the same.
 * @param headerOnly nothing behind the header is taken from `other`
 */
export function mergeBytes(
  one: ListedFunction,
  other: ListedFunction,
  headerOnly: boolean,
): Pick<ListedFunction, 'bytes' | 'missing' | 'decoded'> {
  const mine = trustOf(one);
  const theirs = trustOf(other);
  if (headerOnly) theirs.fill(Trust.missing, HEADER_BYTES);
  const size = Math.max(one.bytes.length, headerOnly ? 0 : other.bytes.length);
  const bytes = new Uint8Array(size);
  const trust = new Uint8Array(size);
  for (let at = 0; at < size; at++) {
    const [a, b] = [mine[at] ?? Trust.missing, theirs[at] ?? Trust.missing];
    bytes[at] = (a >= b ? one.bytes[at] : other.bytes[at]) ?? 0;
    trust[at] = Math.max(a, b);
  }
  return { bytes, ...rangesOf(trust) };
}

function rangesOf(trust: Uint8Array): Pick<ListedFunction, 'missing' | 'decoded'> {
  const missing: { start: number; end: number }[] = [];
  const decoded: DecodedRange[] = [];
  for (let at = 0; at < trust.length; ) {
    const start = at;
    const value = trust[at];
    while (at < trust.length && trust[at] === value) at++;
    if (value === Trust.missing) missing.push({ start, end: at });
    else if (value !== Trust.bytes) {
      decoded.push({ start, end: at, from: value === Trust.text ? 'text' : 'assumed' });
    }
  }
  return decoded.length === 0 ? { missing } : { missing, decoded };
}
