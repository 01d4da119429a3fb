import type { BaselineChange, BaselineDifference } from '@quiesce/kernel-lab';
import pc from 'picocolors';
import { wrapText } from './wrap-text.ts';

/** What a kernel does otherwise than its baseline, regressions first. */
export function baselineLines(differences: readonly BaselineDifference[], width: number): string {
  if (differences.length === 0) return 'As the baseline, in every phase and device.\n';
  return order
    .flatMap((change) => differences.filter((one) => one.change === change))
    .map(({ change, subject, phase, what, baseline, kernel }) => {
      const place = `${subject}${phase === null ? '' : ` in ${phase}`}`;
      return paint[change](
        wrapText(`${change}: ${place}: ${what}: ${baseline} before, ${kernel} now`, width),
      );
    })
    .join('');
}

const order: readonly BaselineChange[] = ['regression', 'varies', 'improvement'];

const paint: Readonly<Record<BaselineChange, (text: string) => string>> = {
  regression: (text) => pc.red(text),
  improvement: (text) => pc.green(text),
  varies: (text) => pc.yellow(text),
};
