import type { Advice } from '../result/assessment.ts';
import { adviceKinds } from './candidate.ts';
import { compareGains } from './gain.ts';

/** What is urgent first, then what was measured by its gain and effort, then the rest. */
export function inOrder(advice: readonly Advice[]): Advice[] {
  const rank = ({ severity, measured }: Advice): number => {
    if (measured !== undefined) return 1;
    return severity === 'critical' ? 0 : 2;
  };
  return [...advice].sort((a, b) => {
    if (rank(a) !== rank(b) || a.measured === undefined || b.measured === undefined) return rank(a) - rank(b);
    const gain = compareGains(a.measured.gain, b.measured.gain);
    return gain || adviceKinds.indexOf(a.kind) - adviceKinds.indexOf(b.kind);
  });
}
