import { second } from '@quiesce/simulation';
import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

it('lets a burst through, then says how many it held back when the interval is over', () => {
  const limit = new RateLimit(10, 5 * second);
  const suppressed: number[] = [];
  let allowed = 0;
  for (let i = 0; i < 50; i++) if (limit.allows(second + i, (count) => suppressed.push(count))) allowed++;
  expect(allowed).toBe(10);
  expect(suppressed).toEqual([]);
  expect(limit.allows(7 * second, (count) => suppressed.push(count))).toBe(true);
  expect(suppressed).toEqual([40]);
});
