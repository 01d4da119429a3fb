import type { StrategySummary } from '@quiesce/benchmark';

/** How a cell is to be read, and so coloured. */
export type Tone = 'good' | 'bad' | 'mixed' | 'plain';

/** The dump column: one word if all runs agree, else how many were saved. */
export function dumpVerdict(row: StrategySummary): { readonly text: string; readonly tone: Tone } {
  const { saved, altered, lost } = row.dump;
  const counted = saved + altered + lost;
  if (row.failed > 0) {
    return { text: row.failed === row.runs ? 'failed' : `failed ${row.failed}/${row.runs}`, tone: 'bad' };
  }
  if (saved === counted) return { text: 'saved', tone: 'good' };
  if (lost === counted) return { text: 'lost', tone: 'bad' };
  if (altered === counted) return { text: 'altered', tone: 'mixed' };
  if (lost === 0) return { text: `altered ${altered}/${counted}`, tone: 'mixed' };
  return { text: `lost ${lost}/${counted}`, tone: 'bad' };
}
