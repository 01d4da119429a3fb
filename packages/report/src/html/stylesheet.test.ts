import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { STYLESHEET, STYLESHEET_HASH } from './stylesheet.ts';

it('goes by the hash that the policy names', () => {
  expect(STYLESHEET_HASH).toBe(`sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}`);
});

it('holds nothing that ends a style element, and loads nothing', () => {
  expect(STYLESHEET).not.toMatch(/<|url\(|@import|\r/);
});

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

const themes = [...STYLESHEET.matchAll(/:root\{([^}]+)\}/g)].map(([, block = '']) => ({
  ...Object.fromEntries(
    [...block.matchAll(/--([\w-]+):(#[0-9a-f]+)/g)].map(([, name, value]) => [name, value]),
  ),
}));

it.each(['light', 'dark', 'print'].map((name, index) => ({ name, colours: themes[index] ?? {} })))(
  'has readable colours: $name',
  ({ colours }) => {
    const low: string[] = [];
    const check = (front: string, back: string, least: number): void => {
      const ratio = contrast(colours[front] ?? '#000', colours[back] ?? '#000');
      if (ratio < least) low.push(`${front} on ${back}: ${ratio.toFixed(2)}`);
    };
    for (const back of ['page', 'panel']) {
      for (const front of ['text', 'soft', 'link', 'critical', 'warning', 'note', 'good'])
        check(front, back, 4.5);
    }
    for (const one of ['critical', 'warning', 'note', 'good']) {
      for (const front of ['text', 'soft', one]) check(front, `${one}-fill`, 4.5);
    }
    // Pictures need less than text does.
    for (const unit of Object.keys(colours).filter((one) => one.startsWith('unit-'))) check(unit, 'page', 3);
    expect(Object.keys(colours).length).toBeGreaterThan(12);
    expect(low).toEqual([]);
  },
);
