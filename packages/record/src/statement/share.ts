import { confidenceInterval } from '@quiesce/benchmark';
import type { Share } from '../case/record-case.ts';

/** Whether `held` of `runs` is what a report said of how often. */
export function shareAgrees(share: Share, held: number, runs: number): boolean {
  if (share === 'always') return held === runs;
  if (share === 'never') return held === 0;
  if (share === 'sometimes') return held > 0 && held < runs;
  const reported = confidenceInterval(share.times, share.of);
  const predicted = held / runs;
  return predicted >= reported.low && predicted <= reported.high;
}
