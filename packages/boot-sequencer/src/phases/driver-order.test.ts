import { type Machine, type MachineDriver, preset } from '@quiesce/machine';
import type { StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { FaultCount } from '../outcome/outcome.ts';

const names = { name: 'nothing', description: 'does nothing', sources: [] };
const nothing: StrategyPlugin = { ...names, create: () => names };
const CARD = '0000:01:00.0';

/** q35-lab, of whose functions both kernels drive the card at 01:00.0 alone. */
function oneCard(driver: Partial<MachineDriver>): Machine {
  const lab = preset('q35-lab');
  return {
    ...lab,
    dumpTarget: CARD,
    functions: lab.functions.map((one) => {
      const driven = one.name === CARD;
      return { ...one, driver: driven ? { ...one.driver, ...driver } : { first: false, second: false } };
    }),
  };
}

function faultsOf(kernel: string, driver: Partial<MachineDriver>): FaultCount | undefined {
  const { outcome } = crash({ machine: oneCard(driver), strategy: nothing, kernel, seed: 3 });
  expect(outcome.devices['01:00.0']).toBe('working');
  return outcome.dmaFaults.byRequester['01:00.0'];
}

describe.each(['linux-4.2', 'linux-6'])('a driver over copied tables, %s', (kernel) => {
  it('that maps before it resets its device lets stale work into an empty domain', () => {
    const faults = faultsOf(kernel, { resetsBeforeMap: false, setUpMs: 30 });
    expect(faults?.total).toBeGreaterThan(0);
    // The context entry is there, what the old descriptors point at is not: no read, no write permission.
    expect(Object.keys(faults?.reasons ?? {}).every((reason) => ['0x05', '0x06'].includes(reason))).toBe(
      true,
    );
    expect(Object.keys(faults?.phases ?? {})).toEqual([kernel === 'linux-6' ? 'init' : 'device_initcalls']);
  });

  it('that resets it first does not', () => {
    expect(faultsOf(kernel, { resetsBeforeMap: true, setUpMs: 30 })).toBeUndefined();
  });
});
