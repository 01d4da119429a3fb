import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ownStrategies } from './input/own-strategies.ts';

const packages = new URL('../../', import.meta.url);

it('every strategy of the house comes with the command', () => {
  const folders = readdirSync(packages).filter((name) => name.startsWith('strategy-'));
  expect([...ownStrategies].sort()).toEqual(folders.map((name) => name.slice('strategy-'.length)).sort());
});
