import type { CollectedSpace } from './lspci-function-rows.ts';

/** Equal as far as both go: what one of them lacks says nothing. */
export function isSameDump(a: CollectedSpace, b: CollectedSpace): boolean {
  for (let at = 0; at < Math.min(a.bytes.length, b.bytes.length); at++) {
    if (a.bytes[at] !== b.bytes[at] && !lacks(a, at) && !lacks(b, at)) return false;
  }
  return true;
}

/** Two dumps of one function that are the same as far as both go, as one: what either lacks is taken from the other. */
export function unitedDump(a: CollectedSpace, b: CollectedSpace): CollectedSpace {
  const [long, short] = b.bytes.length > a.bytes.length ? [b, a] : [a, b];
  const bytes = long.bytes.slice();
  const missing: { start: number; end: number }[] = [];
  for (const { start, end } of long.missing) {
    for (let at = start; at < end; at++) {
      const last = missing.at(-1);
      if (at < short.bytes.length && !lacks(short, at)) bytes[at] = short.bytes[at] as number;
      else if (last !== undefined && last.end === at) last.end = at + 1;
      else missing.push({ start: at, end: at + 1 });
    }
  }
  return { bytes, missing };
}

function lacks(space: CollectedSpace, at: number): boolean {
  return space.missing.some(({ start, end }) => start <= at && at < end);
}
