import { expect, it } from 'vitest';
import type { ComparedCell } from './compared-cell.ts';
import { confusionMatrix } from './confusion-matrix.ts';

function cell(
  predicted: string[],
  observed: string | null,
  standing: ComparedCell['standing'],
): ComparedCell {
  return { kind: 'faults', subject: 'x', phase: 'crash', predicted, observed, standing };
}

it('counts what was predicted against what came, over all comparisons', () => {
  const one = [cell(['faults'], 'faults', 'agrees'), cell(['none'], 'faults', 'disagrees')];
  const other = [
    cell(['none'], 'none', 'agrees'),
    cell(['none', 'faults'], 'none', 'agrees'),
    cell(['faults'], 'none', 'explained'),
    cell(['faults'], null, 'not-compared'),
    { ...cell(['working'], 'lost', 'disagrees'), kind: 'verdict' as const },
  ];
  const matrix = confusionMatrix([one, other], 'faults');
  expect(matrix).toMatchObject({
    predicted: ['faults', 'none', 'either'],
    observed: ['faults', 'none'],
    counts: { faults: { faults: 1, none: 1 }, none: { faults: 1, none: 1 }, either: { none: 1 } },
    cells: 5,
    agrees: 3,
    explained: 1,
    disagrees: 1,
  });
  expect(matrix.agreement?.share).toBeCloseTo(0.6);
  expect(matrix.agreement?.low).toBeLessThan(0.3);
});

it('has nothing to say of nothing', () => {
  expect(confusionMatrix([], 'verdict')).toMatchObject({ cells: 0, agreement: null, predicted: [] });
});
