import { type Machine, preset } from '@quiesce/machine';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import { kernelProfile } from '../profile/profiles.ts';

const nothing: Strategy = { name: 'nothing', description: 'Does nothing.', sources: [] };
const idle: StrategyPlugin = { ...nothing, create: () => nothing };
/** Bus 82 of the machine that was measured: nothing below devfn 0x80. */
const upper = ['82:14.0', '82:1f.0', '82:1f.6'];

/** The second kernel has no driver for bus 82. */
function undriven(machine: Machine): Machine {
  const functions = machine.functions.map((one) =>
    one.name.startsWith('0000:82:') ? { ...one, driver: { first: true, second: false } } : one,
  );
  return { ...machine, functions };
}

/** DMA faults by requester, with their reasons. */
function faults(kernel: string, scalable: 'machine' | 'off' = 'machine') {
  const profile = kernelProfile(kernel);
  const both = { ...profile, remapping: { ...profile.remapping, scalable } };
  const { outcome } = crash({
    machine: undriven(preset('scalable-2026')),
    strategy: idle,
    firstKernel: both,
    kernel: both,
    seed: 1,
  });
  expect(outcome.dump).not.toBe('lost');
  return upper.map((name) => Object.keys(outcome.dmaFaults.byRequester[name]?.reasons ?? {}));
}

describe('a bus with upper context tables only, in scalable mode', () => {
  it.each(['linux-6.1.187', 'linux-6.12.107'])('%s: root entry not present for all on it', (kernel) => {
    expect(faults(kernel)).toEqual([['0x39'], ['0x39'], ['0x39']]);
  });

  it.each(['linux-6.1.192', 'linux-6.12.117', 'linux-6'])('%s: no fault', (kernel) => {
    expect(faults(kernel)).toEqual([[], [], []]);
  });

  it.each(['linux-6.1.187', 'linux-6.12.107'])('%s in legacy mode: no fault', (kernel) => {
    expect(faults(kernel, 'off')).toEqual([[], [], []]);
  });
});

describe('kernels of different modes', () => {
  it.each([
    ['on', 'off', '0x05'],
    ['off', 'on', '0x79'],
  ] as const)(
    'first sm_%s, second sm_%s: refused, and faults until drivers load',
    (first, second, reason) => {
      const profile = kernelProfile('linux-6');
      const { outcome, log } = crash({
        machine: preset('scalable-2026'),
        strategy: idle,
        firstKernel: { ...profile, remapping: { ...profile.remapping, scalable: first } },
        kernel: { ...profile, remapping: { ...profile.remapping, scalable: second } },
        seed: 1,
      });
      const refused = 'DMAR: Failed to copy translation tables from previous kernel for dmar1';
      expect(log.join('\n')).toContain(refused);
      expect(Object.keys(outcome.dmaFaults.byRequester['82:14.0']?.reasons ?? {})).toContain(reason);
      expect(outcome.untranslated.total).toBeGreaterThan(0);
      expect(Object.values(outcome.devices)).not.toContain('failed');
      expect(outcome.dump).toBe('saved');
    },
  );
});
