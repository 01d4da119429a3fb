import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { checkMachine } from '../description/check-machine.ts';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';

/** A function's 64 bytes with what is given; `buses` makes it a bridge: primary, secondary, subordinate. */
function header(
  more: Readonly<Record<number, number>>,
  buses?: readonly [primary: number, secondary: number, subordinate: number],
): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x86, 0x80, 0x42, 0x00]);
  bytes.set(buses === undefined ? [0x00, 0x02] : [0x04, 0x06], 0x0a);
  if (buses !== undefined) {
    bytes[0x0e] = 1;
    bytes.set(buses, 0x18);
    // Windows that are closed.
    bytes.set([0xf0, 0x00], 0x1c);
    bytes.set([0xf0, 0xff, 0, 0, 0xf1, 0xff, 1, 0], 0x20);
  }
  for (const [offset, value] of Object.entries(more)) bytes[Number(offset)] = value;
  return bytes;
}

/** The same as `lspci -x` prints it. */
function printed(name: string, bytes: Uint8Array): string {
  const rows = [0, 16, 32, 48].map((at) => {
    const row = [...bytes.slice(at, at + 16)].map((one) => one.toString(16).padStart(2, '0'));
    return `${at.toString(16).padStart(2, '0')}: ${row.join(' ')}\n`;
  });
  const [device, type] = [bytes[0x0b] === 6 ? '0604' : '0200', '8086:0042'];
  return `${name} ${device}: ${type}\n${rows.join('')}\n`;
}

const lspci = (functions: Readonly<Record<string, Uint8Array>>, path = 'lspci.txt'): CapturedFile => ({
  path,
  content: Object.entries(functions)
    .map(([name, bytes]) => printed(name, bytes))
    .join(''),
});

/** Buses that each bridge of a machine leads to, and notes of bridges. */
function busesOf(...files: CapturedFile[]): { buses: Record<string, string>; notes: string[] } {
  const { machine, notes } = importCapture(files, { name: 'x' });
  if (machine === undefined) throw new Error('there is no machine');
  checkMachine(machine, 'x');
  const bridges = machine.functions.filter(({ config }) => config.slice(28, 30) === '01');
  return {
    buses: Object.fromEntries(bridges.map(({ name, config }) => [name.slice(5), config.slice(50, 54)])),
    notes: notes.map(({ message }) => message).filter((message) => message.startsWith('bridge')),
  };
}

describe('two bridges to one bus', () => {
  const host = header({ 11: 6 });
  /** Memory window fe000000 to fe0fffff. */
  const window = { 32: 0x00, 33: 0xfe, 34: 0x00, 35: 0xfe };
  const card = header({ 19: 0xfe });

  it('the one whose windows have the addresses of what stands there keeps it', () => {
    const { buses, notes } = busesOf(
      lspci({
        '00:00.0': host,
        '00:01.0': header({}, [0, 1, 1]),
        '00:02.0': header(window, [0, 1, 1]),
        '01:00.0': card,
      }),
    );
    expect(buses).toEqual({ '00:01.0': '0000', '00:02.0': '0101' });
    expect(notes).toEqual([
      'bridge 0000:00:01.0 leads to bus 1, as 0000:00:02.0 would; its functions have their addresses in the windows of 0000:00:02.0: it is taken to lead nowhere',
    ]);
  });

  it('a path in /sys says below which one, and where the other leads', () => {
    const devices = 'sys/devices/pci0000:00';
    const { buses, notes } = busesOf(
      { path: `${devices}/0000:00:00.0/config`, content: host },
      { path: `${devices}/0000:00:01.0/config`, content: header({}, [0, 2, 2]) },
      { path: `${devices}/0000:00:02.0/config`, content: header({}, [0, 2, 2]) },
      { path: `${devices}/0000:00:01.0/0000:01:00.0/config`, content: card },
      { path: `${devices}/0000:00:02.0/0000:02:00.0/config`, content: card },
    );
    expect(buses).toEqual({ '00:01.0': '0101', '00:02.0': '0202' });
    expect(notes[0]).toContain(
      'paths in /sys have its functions below 0000:00:02.0: it is taken to lead to bus 1',
    );
  });

  it('another source gives the other one its own', () => {
    const tree: CapturedFile = {
      path: 'tree.txt',
      content: '-[0000:00]-+-00.0\n           +-01.0-[01]----00.0\n           \\-02.0-[02]--\n',
    };
    const both = lspci({
      '00:00.0': host,
      '00:01.0': header({}, [0, 2, 2]),
      '00:02.0': header({}, [0, 2, 2]),
      '01:00.0': card,
    });
    const { buses, notes } = busesOf(both, tree);
    expect(buses).toEqual({ '00:01.0': '0101', '00:02.0': '0202' });
    expect(notes[0]).toContain('it is taken to lead to bus 1, as tree.txt has it');
  });

  it('the buses above and the primary bus decide where nothing else does', () => {
    const above = { '00:00.0': host, '00:1c.0': header({}, [0, 1, 3]), '00:1d.0': header({}, [0, 4, 5]) };
    expect(
      busesOf(lspci({ ...above, '01:00.0': header({}, [1, 2, 2]), '04:00.0': header({}, [4, 2, 2]) })).buses,
    ).toMatchObject({ '01:00.0': '0202', '04:00.0': '0000' });
    expect(
      busesOf(lspci({ '00:00.0': host, '00:01.0': header({}, [7, 1, 1]), '00:02.0': header({}, [0, 1, 1]) }))
        .buses,
    ).toEqual({ '00:01.0': '0000', '00:02.0': '0101' });
  });

  it('none of them is believed where nothing speaks for either, and nothing behind them is lost', () => {
    const functions = {
      '00:00.0': host,
      '00:01.0': header({}, [0, 1, 1]),
      '00:02.0': header({}, [0, 1, 1]),
      '01:00.0': header({}),
    };
    const { buses, notes } = busesOf(lspci(functions));
    expect(buses).toEqual({ '00:01.0': '0000', '00:02.0': '0000' });
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain(
      'nothing says more for one of them than for another: it is taken to lead nowhere',
    );
    const { machine, notes: all } = importCapture([lspci(functions)], { name: 'x' });
    expect(machine?.functions).toHaveLength(4);
    expect(all).toContainEqual(expect.objectContaining({ file: 'lspci.txt', line: 7 }));
  });
});

it('whatever bus numbers bridges have, the machine is there with all its functions, and can be assembled', () => {
  const number = fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 255 }));
  const one = fc.record({
    bus: fc.nat({ max: 4 }),
    device: fc.nat({ max: 4 }),
    buses: fc.option(fc.tuple(number, number, number), { nil: undefined, freq: 4 }),
    window: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(one, { minLength: 1, maxLength: 12, selector: ({ bus, device }) => bus * 32 + device }),
      fc.boolean(),
      (functions, asTree) => {
        const files = functions.map(({ bus, device, buses, window }, index): [string, Uint8Array] => [
          `0${bus}:0${device}.0`,
          header(
            { 2: index, ...(window ? { [buses === undefined ? 0x13 : 0x21]: 0xfe, 35: 0xfe } : {}) },
            buses,
          ),
        ]);
        const given = asTree
          ? files.map(([name, content]) => ({
              path: `sys/devices/pci0000:00/0000:00:01.0/0000:${name}/config`,
              content,
            }))
          : [lspci(Object.fromEntries(files))];
        const { machine } = importCapture(given, { name: 'x' });
        expect(machine?.functions).toHaveLength(functions.length);
        if (machine === undefined) return;
        checkMachine(machine, 'x');
        const world = { calendar: new EventCalendar(), observer: new SilentObserver() };
        expect(assembleMachine(machine, world).hierarchy.functions).toHaveLength(functions.length);
      },
    ),
    { numRuns: 5000, seed: 99 },
  );
});
