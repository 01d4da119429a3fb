import type { RecordCase } from '../case/record-case.ts';
import { armOf } from '../world/arm.ts';

/** A machine with its two kernels, as the record has them: what any strategy can be tried on. */
export interface RecordWorld {
  /** The first case that it comes from; the machine and kernels are that case's. */
  readonly one: RecordCase;
}

/** The different worlds of the record: cases that differ in their strategy alone have one between them. */
export function recordWorlds(cases: readonly RecordCase[]): RecordWorld[] {
  const worlds = new Map<string, RecordWorld>();
  for (const one of cases) {
    const { machine, kernel, firstKernel } = armOf(one, 'case').request;
    const key = JSON.stringify([machine, kernel, firstKernel]);
    if (!worlds.has(key)) worlds.set(key, { one });
  }
  return [...worlds.values()];
}
