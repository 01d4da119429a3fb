import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { CaptureConflict } from './imported-capture.ts';
import { type FunctionConflict, mergeFunction, type RankedFunction } from './merge-functions.ts';

/** Functions of all sources, each once, and what sources say differently about them. */
export function mergeFunctions(all: readonly RankedFunction[]): {
  readonly functions: readonly ListedFunction[];
  readonly conflicts: readonly CaptureConflict[];
} {
  const byName = new Map<string, RankedFunction[]>();
  for (const one of all) {
    const same = byName.get(one.listed.name);
    if (same === undefined) byName.set(one.listed.name, [one]);
    else same.push(one);
  }
  const found: FunctionConflict[] = [];
  const functions = [...byName.values()].map((same) => mergeFunction(same, found));
  const indices = new Map(functions.map((one, index) => [one.name, index]));
  const conflicts = found.map(({ name, field, ...rest }): CaptureConflict => {
    return { what: `/functions/${indices.get(name)}/${field}`, ...rest };
  });
  return { functions, conflicts };
}
