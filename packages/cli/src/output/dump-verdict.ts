import type { StrategySummary } from '@quiesce/benchmark';

/** The dump column: one word if all runs agree, else how many were saved. */
export function dumpVerdict(row: StrategySummary): { text: string; tone: 'good' | 'bad' | 'mixed' } {
  const { saved, altered, lost } = row.dump;
  const counted = saved + altered + lost;
  if (row.failed > 0)
    return { text: row.failed === row.runs ? 'failed' : `failed ${row.failed}`, tone: 'bad' };
  if (saved === counted) return { text: 'saved', tone: 'good' };
  if (lost === counted) return { text: 'lost', tone: 'bad' };
  if (altered === counted) return { text: 'altered', tone: 'mixed' };
  if (altered === 0) return { text: `saved ${saved}/${counted}`, tone: 'mixed' };
  if (lost === 0) return { text: `true ${saved}/${counted}`, tone: 'mixed' };
  return { text: `${saved}+${altered}/${counted}`, tone: 'mixed' };
}
