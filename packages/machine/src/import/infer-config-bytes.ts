import { hex, type InferenceList } from './inference-list.ts';
import type { LspciFunction } from './lspci.ts';

type Range = { readonly start: number; readonly end: number };

/** Lists what of a config space is not bytes as hardware gave them. */
export function listInferredBytes(one: LspciFunction, path: string, inferred: InferenceList): void {
  const { missing, decoded } = one;
  if (decoded === undefined) {
    for (const range of missing) {
      inferred.add(`${path}/config`, `${written([range])} = 00`, 'the capture lacks these bytes');
    }
    return;
  }
  const text = decoded.filter(({ from }) => from === 'text');
  const assumed = decoded.filter(({ from }) => from === 'assumed');
  const add = (ranges: readonly Range[], value: string, reason: string): void => {
    if (ranges.length > 0) inferred.add(`${path}/config`, `${written(joined(ranges))}${value}`, reason);
  };
  add(text, '', 'rebuilt from words, as far as they go: there are no bytes of it');
  add(assumed, '', 'assumed: neither bytes nor words say it');
  add(missing, ' = 00', 'the capture lacks these bytes');
}

/** Ranges that touch each other are one. */
function joined(ranges: readonly Range[]): Range[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = result.at(-1);
    if (last !== undefined && last.end === start) last.end = end;
    else result.push({ start, end });
  }
  return result;
}

function written(ranges: readonly Range[]): string {
  return ranges
    .map(({ start, end }) => (end === start + 1 ? hex(start) : `${hex(start)}..${hex(end - 1)}`))
    .join(', ');
}
