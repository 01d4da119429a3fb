import { checkContract, miniLaboratory } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { none } from './index.ts';

test('keeps the contract', () => {
  expect(checkContract(none, miniLaboratory()).laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('has no hooks at all', () => {
  expect(Object.keys(none.create({})).sort()).toEqual(['description', 'name', 'sources']);
});
