import type { Advice } from '../result/assessment.ts';
import { adviceKinds } from './candidate.ts';
import { compareGains } from './gain.ts';

/**
 * What is urgent first, then what was measured by its gain and effort; after it what needs a kernel of one's own, which few can
 * follow; then the rest.
 */
export function inOrder(advice: readonly Advice[]): Advice[] {
  const rank = ({ kind, severity, measured }: Advice): number => {
    if (measured !== undefined) return kind === 'patch' ? 2 : 1;
    return severity === 'critical' ? 0 : 3;
  };
  return [...advice].sort((a, b) => {
    if (rank(a) !== rank(b) || a.measured === undefined || b.measured === undefined) return rank(a) - rank(b);
    const gain = compareGains(a.measured.gain, b.measured.gain);
    return gain || adviceKinds.indexOf(a.kind) - adviceKinds.indexOf(b.kind);
  });
}
