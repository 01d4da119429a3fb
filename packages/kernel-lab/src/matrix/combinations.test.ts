import { expect, it } from 'vitest';
import { labCombinations } from './combinations.ts';
import { combinationName, strategyText, variantOf, variantText } from './lab-combination.ts';

it('every combination stands once, under a name of its own', () => {
  const names = labCombinations.map(combinationName);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(60);
});

it('there are kernels, machines and strategies enough to be a matrix', () => {
  const of = (key: 'kernel' | 'machine' | 'strategy'): number =>
    new Set(labCombinations.map((one) => one[key])).size;
  expect(of('kernel')).toBe(4);
  expect(of('machine')).toBeGreaterThanOrEqual(6);
  expect(of('strategy')).toBeGreaterThanOrEqual(8);
});

it('tells combinations apart for people, too', () => {
  const texts = labCombinations.map(
    (one) =>
      `${one.machine} ${strategyText(one)} ${one.kernel} ${variantText(one)} ${variantOf(one).undrivenMs}`,
  );
  expect(new Set(texts).size).toBe(texts.length);
});
