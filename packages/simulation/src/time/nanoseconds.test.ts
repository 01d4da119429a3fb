import { expect, it } from 'vitest';
import { formatSeconds, microseconds, milliseconds, second } from './nanoseconds.ts';

it('rounds to whole nanoseconds', () => {
  expect(milliseconds(1.5)).toBe(1_500_000);
  expect(microseconds(0.0004)).toBe(0);
});

it('prints seconds as a kernel log does', () => {
  expect(formatSeconds(0)).toBe('0.000000');
  expect(formatSeconds(second + 503_892_999)).toBe('1.503892');
});
