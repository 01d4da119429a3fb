import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { STYLESHEET, STYLESHEET_HASH } from './stylesheet.ts';

it('goes by the hash that the policy names', () => {
  expect(STYLESHEET_HASH).toBe(`sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}`);
});

it('holds nothing that ends a style element, and loads nothing', () => {
  expect(STYLESHEET).not.toMatch(/<|url\(|@import|\r/);
});
