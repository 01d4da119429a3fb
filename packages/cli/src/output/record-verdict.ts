import type { ReplayedCase } from '@quiesce/record';

/** What is said of a case in one word. */
export function verdictWord(one: ReplayedCase): string {
  if (one.verdict === 'agrees' && one.standing === 'prediction') return 'predicted';
  return one.verdict;
}

/** Where a statement holds in some crashes only: ` 61 % (58-64)`, with its 95 % interval; else nothing. */
export function predictedShare(one: ReplayedCase): string {
  const partial = one.statements.find((each) => each.held > 0 && each.held < each.runs);
  if (partial === undefined) return '';
  const { held, runs, interval } = partial;
  return ` ${percent(held / runs)} % (${percent(interval.low)}-${percent(interval.high)})`;
}

/** What taking the cause away does: `flips`, `stays` or nothing. */
export function flipWord(one: ReplayedCase): string {
  if (one.counterfactual === null) return '';
  return one.counterfactual.flips ? 'flips' : 'stays';
}

function percent(share: number): number {
  return Math.round(share * 100);
}
