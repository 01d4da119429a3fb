import { describe, expect, it } from 'vitest';
import { at, type BuiltFunction } from './testing/built-function.ts';
import { BuiltMachine } from './testing/built-machine.ts';

const code = (
  functions: readonly BuiltFunction[],
  roots?: ConstructorParameters<typeof BuiltMachine>[1],
): string => {
  try {
    new BuiltMachine(functions, roots);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('wiring', () => {
  it('follows the bus numbers that bridges were captured with', () => {
    const machine = new BuiltMachine([
      { at: '00:00.0', classCode: 0x060000 },
      { at: '00:1c.0', type: 4, buses: [3, 5] },
      { at: '03:00.0', type: 5, buses: [4, 5] },
      { at: '04:01.0', type: 6, buses: [5, 5] },
      { at: '05:00.0', type: 1 },
      { at: '00:1e.0', buses: [6, 6] },
      { at: '06:02.0' },
      { at: '00:1f.0', type: 9 },
      { at: '00:1f.5', type: 10 },
    ]);
    const { functions, notes } = machine.hierarchy;
    expect(functions.map((fn) => fn.kind)).toEqual([
      'host-bridge',
      'root-port',
      'upstream-port',
      'downstream-port',
      'legacy-endpoint',
      'conventional-bridge',
      'conventional',
      'rc-integrated-endpoint',
      'rc-event-collector',
    ]);
    expect(functions.map((fn) => fn.parent?.name.slice(5) ?? 'root')).toEqual([
      'root',
      'root',
      '00:1c.0',
      '03:00.0',
      '04:01.0',
      'root',
      '00:1e.0',
      'root',
      'root',
    ]);
    expect(notes).toEqual([]);
    expect(machine.fn('00:1c.0').children.map((fn) => fn.name)).toEqual(['0000:03:00.0']);
  });

  it('makes a root bus of a bus that nobody claims, and says so', () => {
    const machine = new BuiltMachine(
      [{ at: '00:00.0' }, { at: 'ff:08.0' }, { at: 'ff:08.2' }],
      [{ segment: 0, firstBus: 0, lastBus: 255 }],
    );
    expect(machine.hierarchy.notes).toEqual([
      'bus 0000:ff is claimed by no bridge and no root complex: taken for a root bus',
    ]);
    expect(machine.visible('ff:08.2')).toBe(true);
    expect(machine.visible('ff:08.1')).toBe(false);
  });

  it('keeps segments and root complexes apart', () => {
    const roots = [
      { segment: 0, firstBus: 0, lastBus: 0x7f },
      { segment: 0, firstBus: 0x80, lastBus: 0xff },
      { segment: 0x10000, firstBus: 0, lastBus: 0x1f },
    ];
    const { hierarchy } = new BuiltMachine(
      [
        { at: '00:01.0', type: 4, buses: [1, 1] },
        { at: '80:01.0', type: 4, buses: [0x81, 0x81] },
        { at: '81:00.0', type: 0 },
        { at: '10000:00:01.0', type: 4, buses: [1, 1] },
        { at: '10000:01:00.0', type: 0 },
      ],
      roots,
    );
    expect(hierarchy.visibleAt(0, 0x81, 0, 0)?.name).toBe('0000:81:00.0');
    expect(hierarchy.visibleAt(0, 1, 0, 0)).toBeUndefined();
    expect(hierarchy.visibleAt(0x10000, 1, 0, 0)?.name).toBe('10000:01:00.0');
    expect(hierarchy.visibleAt(2, 0, 0, 0)).toBeUndefined();
  });

  it('refuses what cannot be wired', () => {
    const port: BuiltFunction = { at: '00:01.0', type: 4, buses: [1, 1] };
    const below: BuiltFunction = { at: '01:00.0', type: 0 };
    expect(code([port, port])).toBe('DUPLICATE_FUNCTION');
    expect(code([port, { ...port, at: '00:02.0' }, below])).toBe('TOPOLOGY_LOOP');
    expect(code([{ ...port, buses: [0, 0] }, below])).toBe('none');
    expect(code([{ at: '01:00.0', type: 5, buses: [1, 1] }])).toBe('TOPOLOGY_LOOP');
    const ring: BuiltFunction[] = [
      { at: '01:00.0', type: 5, buses: [2, 2] },
      { at: '02:00.0', type: 6, buses: [1, 1] },
    ];
    expect(code(ring)).toBe('TOPOLOGY_LOOP');
    expect(code([{ ...below, physicalFunction: '0000:07:00.0' }])).toBe('UNKNOWN_PHYSICAL_FUNCTION');
    expect(code([{ ...below, physicalFunction: '0000:01:00.0' }])).toBe('UNKNOWN_PHYSICAL_FUNCTION');
    expect(code([{ at: '00:3f.0' }])).toBe('FUNCTION_PLACE');
    expect(code([], [{ segment: 0, firstBus: 9, lastBus: 3 }])).toBe('ROOT_COMPLEX_BUSES');
  });

  it('believes a link to be up that was captured down with functions below', () => {
    const down = { [at.express + 0x10]: 0x10 };
    const port: BuiltFunction = { at: '00:01.0', type: 4, buses: [1, 1], dwords: down };
    const machine = new BuiltMachine([port, { at: '01:00.0', type: 0 }]);
    expect(machine.visible('01:00.0')).toBe(true);
    expect(machine.hierarchy.notes).toEqual([
      '0000:00:01.0 was captured with its link down and functions below: taken to be up',
    ]);
    expect(new BuiltMachine([port]).fn('00:01.0').link?.isDown).toBe(true);
  });
});

describe('device numbers below a link', () => {
  const port: BuiltFunction = { at: '00:01.0', type: 4, buses: [1, 1] };

  it('other than 0 need ARI forwarding, if they were captured with it', () => {
    const ari = { ...port, dwords: { [at.express + 0x28]: 0x20 } };
    const machine = new BuiltMachine([ari, { at: '01:00.0', type: 0 }, { at: '01:01.0', type: 0 }]);
    expect(machine.visible('01:01.0')).toBe(true);
    machine.change('00:01.0', at.express + 0x28, 0x20, false);
    expect(machine.visible('01:01.0')).toBe(false);
    expect(machine.visible('01:00.0')).toBe(true);
  });

  it('are passed on as captured otherwise, with a note', () => {
    const machine = new BuiltMachine([port, { at: '01:00.0', type: 0 }, { at: '01:01.0', type: 0 }]);
    expect(machine.visible('01:01.0')).toBe(true);
    expect(machine.hierarchy.notes).toHaveLength(1);
  });
});
