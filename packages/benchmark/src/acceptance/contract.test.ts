import { contractLaboratory } from '@quiesce/boot-sequencer';
import { checkContract } from '@quiesce/strategy/contract';
import { describe, expect, it } from 'vitest';
import { strategies } from './runs.ts';

describe('every strategy obeys the contract on every preset machine', () => {
  const laboratory = contractLaboratory();
  it.each(Object.entries(strategies))(
    '%s',
    (_name, plugin) => {
      const broken = checkContract(plugin, laboratory).laws.filter((law) => !law.passed);
      expect(broken).toEqual([]);
    },
    60_000,
  );
});
