import { expect, it } from 'vitest';
import { PhaseTimeline } from './phase-timeline.ts';

it('a moment belongs to the phase that began last', () => {
  const timeline = new PhaseTimeline();
  expect(timeline.reached).toBe('crash');
  timeline.begin('crash', 100);
  timeline.begin('setup_arch', 200);
  timeline.begin('crash', 250);
  expect([99, 100, 199, 200, 1000].map((at) => timeline.at(at))).toEqual([
    undefined,
    'crash',
    'crash',
    'setup_arch',
    'setup_arch',
  ]);
  expect(timeline.timeOf('crash')).toBe(100);
  expect(timeline.timeOf('dump')).toBeUndefined();
  expect(timeline.phases).toEqual(['crash', 'setup_arch']);
  expect(timeline.reached).toBe('setup_arch');
});
