import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { machineOf } from './change-machine.ts';

const lab = preset('q35-lab');
const NIC = '0000:01:00.0';

describe('changes of a machine', () => {
  it('of functions by name, by kind, and of all', () => {
    const driver = { second: false };
    const changes = [
      { functions: [NIC], set: { driver } },
      { functions: { kind: 'nvme' }, set: { driver } },
      { functions: 'all' as const, set: { label: 'x' } },
    ];
    const { functions } = machineOf({ preset: 'q35-lab', changes });
    const undriven = functions.filter((one) => one.driver.first && !one.driver.second);
    expect(undriven.map(({ name }) => name)).toEqual([NIC, '0000:05:00.0']);
    expect(new Set(functions.map(({ label }) => label))).toEqual(new Set(['x']));
  });

  it('a field that is null is taken away (RFC 7396), and the preset stays as it is', () => {
    const { dumpTarget } = machineOf({ preset: 'q35-lab', changes: [{ set: { dumpTarget: null } }] });
    expect(dumpTarget).toBeUndefined();
    expect(preset('q35-lab').dumpTarget).toBe(lab.dumpTarget);
  });

  it('bytes of config space', () => {
    const changes = [{ functions: [NIC], config: { '0x3c': '0b' } }];
    const changed = machineOf({ preset: 'q35-lab', changes }).functions.find(({ name }) => name === NIC);
    expect(changed?.config.slice(0x78, 0x7a)).toBe('0b');
    expect(changed?.config).toHaveLength(lab.functions.find(({ name }) => name === NIC)?.config.length ?? 0);
  });

  it('functions go, memory gets another owner', () => {
    const machine = machineOf({
      preset: 'q35-lab',
      changes: [
        { functions: [NIC], remove: true },
        { memory: { start: '0x10000000', end: '0x14000000', owner: 'cma' } },
      ],
    });
    expect(machine.functions).toHaveLength(lab.functions.length - 1);
    expect(machine.memoryMap).toHaveLength(lab.memoryMap.length + 2);
    expect(machine.memoryMap.find(({ owner }) => owner === 'cma')).toMatchObject({
      start: 0x1000_0000,
      end: 0x1400_0000,
    });
  });

  it.each([
    [{ functions: ['0000:ff:00.0'], set: {} }, '0000:ff:00.0'],
    [{ functions: { kind: 'modem' }, set: {} }, 'modem'],
    [{ units: ['dmar9'], set: {} }, 'dmar9'],
    [{ functions: [NIC], config: { '0xfff': '0000' } }, '0xfff'],
    [{ memory: { start: '0x0', end: '0xffffffffff', owner: 'cma' as const } }, '0xffffffffff'],
  ])('%j is about nothing that is there', (change, named) => {
    expect(() => machineOf({ preset: 'q35-lab', changes: [change] })).toThrow(named);
  });

  it('a field that machines do not have is refused, with its place', () => {
    const changes = [{ set: { platfrom: { systemError: 'none' } } }];
    expect(() => machineOf({ preset: 'q35-lab', changes })).toThrow(/platfrom/);
    const deep = [{ functions: [NIC], set: { endpoint: { traits: { onRefusal: 'shrug' } } } }];
    expect(() => machineOf({ preset: 'q35-lab', changes: deep })).toThrow(/onRefusal/);
  });
});
