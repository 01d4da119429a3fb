import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { plainUnit, scalableUnit, type UnitDescription } from './unit-description.ts';

function hex(unit: UnitDescription): { capability: string; extendedCapability: string } {
  const wide = ({ low, high }: { low: number; high: number }) =>
    high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
  return { capability: wide(unit.capability), extendedCapability: wide(unit.extendedCapability) };
}

describe('the units under test', () => {
  it('are those of the preset machines, but for the address width of the scalable one', () => {
    expect(preset('q35-lab').units[0]).toMatchObject(hex(plainUnit));
    const { extendedCapability } = hex(scalableUnit);
    expect(preset('q35-scalable-lab').units[0]).toMatchObject({ extendedCapability });
  });
});
