import { type Machine, preset } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Outcome } from '../outcome/outcome.ts';

const names = { name: 'test', description: 'test', sources: [] };
const CONTROLLER = '02:00.0';

function run(
  kernel: string,
  hooks: Partial<Strategy> = {},
  machine: Machine = preset('management-2012'),
): Outcome {
  const strategy: StrategyPlugin = { ...names, create: () => ({ ...names, ...hooks }) };
  return crash({ machine, kernel, strategy, seed: 7 }).outcome;
}

describe.each(['linux-3.0', 'linux-3.10', 'linux-4.2', 'linux-6', 'linux-6-no-copy'])('%s', (kernel) => {
  it('lets the management controller go on: its region is mapped to itself at all times', () => {
    const outcome = run(kernel);
    expect(outcome.firmwareTraffic).toBe('kept');
    expect(outcome.dmaFaults.byRequester[CONTROLLER]).toBeUndefined();
    expect(outcome.corruption.filter((one) => one.requester === CONTROLLER)).toEqual([]);
    expect(outcome.untranslated.byRequester[CONTROLLER]).toBeUndefined();
    expect(outcome.devices[CONTROLLER]).toBe('no-driver');
  });
});

describe('a strategy', () => {
  it('that resets the port above the controller stops firmware for good', () => {
    const outcome = run('linux-6', {
      setupArch: (ctx) => {
        const control = ctx.type1.read16(0, 0x1c, 0, 0x3e);
        ctx.type1.write16(0, 0x1c, 0, 0x3e, control | 0x40);
        ctx.delay(2);
        ctx.type1.write16(0, 0x1c, 0, 0x3e, control);
        ctx.delay(1000);
      },
    });
    expect(outcome.firmwareTraffic).toBe('stopped');
  });
});

it.each(['management-2012', 'sriov-2020'])('%s ends alike in steps and event by event', (name) => {
  const strategy: StrategyPlugin = { ...names, create: () => names };
  const request = { machine: preset(name), kernel: 'linux-3.10', strategy, seed: 3 };
  const steps = crash(request).outcome;
  const events = crash({ ...request, mode: 'event-by-event' }).outcome;
  expect({ ...events, traceHash: steps.traceHash }).toEqual(steps);
});

describe('firmware', () => {
  it('of a machine without such devices is not asked', () => {
    expect(run('linux-6', {}, preset('q35-scalable-lab')).firmwareTraffic).toBe('none');
  });

  it('needs reserved memory for its device', () => {
    const machine = preset('management-2012');
    const functions = machine.functions.map((one) =>
      one.name === '0000:01:00.0' ? { ...one, driver: { ...one.driver, firmware: true } } : one,
    );
    expect(() => run('linux-6', {}, { ...machine, functions })).toThrow(UserError);
    expect(() => run('linux-6', {}, { ...machine, functions })).toThrow(
      /no reserved memory for 0000:01:00.0/,
    );
  });
});
