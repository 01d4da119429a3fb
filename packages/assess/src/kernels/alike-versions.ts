import { compareKernelVersions, rangeName } from '@quiesce/machine';
import type { KernelStanding } from '../result/assessment.ts';

/** Ranges of versions in their order; neighbours that come to the same stand in one row. */
export function alikeVersions(
  kernels: readonly KernelStanding[],
): { readonly versions: string; readonly standing: KernelStanding }[] {
  const ranges = kernels
    .flatMap((standing) => standing.versions.map((range) => ({ ...range, standing })))
    .sort((a, b) => compareKernelVersions(a.from.split('.').map(Number), b.from.split('.').map(Number)));
  const rows: { from: string; before: string; standing: KernelStanding }[] = [];
  for (const range of ranges) {
    const last = rows.at(-1);
    if (
      last !== undefined &&
      last.before === range.from &&
      comesTo(last.standing) === comesTo(range.standing)
    ) {
      last.before = range.before;
    } else rows.push({ ...range });
  }
  return rows.map(({ from, before, standing }) => ({ versions: rangeName({ from, before }), standing }));
}

/** What a row says, in orders of magnitude where numbers are large. */
export function comesTo({ tally, avoid }: KernelStanding): string {
  const faults = Math.floor(Math.log10(1 + tally.dmaFaults.median + tally.interruptFaults.median));
  return `${tally.dumps.times} ${tally.trueDumps.times} ${faults} ${avoid}`;
}
