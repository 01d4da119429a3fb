import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { importCapture } from '../capture/import-capture.ts';
import { CapturedTopology } from '../description/captured-topology.ts';
import { ConfigReader } from '../description/config-reader.ts';
import { parseFunctionName } from '../description/function-name.ts';
import type { Machine } from '../description/machine.ts';
import { preset } from '../presets/presets.ts';
import { printAsLspci } from '../testing/lspci-printer.ts';
import { importMachine } from './import-machine.ts';

const bridge = (place: string, name: string, buses: string, driver = 'pcieport'): string[] => [
  `${place} PCI bridge: ${name}`,
  '\tFlags: bus master, fast devsel, latency 0',
  `\tBus: primary=${place.slice(0, 2)}, ${buses}, sec-latency=0`,
  '\tCapabilities: <access denied>',
  ...(driver === '' ? [] : [`\tKernel driver in use: ${driver}`]),
  '',
];

const importOf = (...lines: string[]): Machine => importMachine({ lspci: lines.join('\n') }, { name: 'x' });
const types = (machine: Machine): (number | undefined)[] =>
  machine.functions.map(({ config }) => new ConfigReader(hexToBytes(config) as Uint8Array).expressType);

describe('ports whose capabilities an ordinary user could not read', () => {
  it('are root port, upstream and downstream port by what stands above them', () => {
    const machine = importOf(
      ...bridge('00:1c.0', 'ACME Thing', 'secondary=01, subordinate=04'),
      ...bridge('01:00.0', 'ACME Thing', 'secondary=02, subordinate=04'),
      ...bridge('02:00.0', 'ACME Thing', 'secondary=03, subordinate=03'),
      ...bridge('02:01.0', 'ACME Thing', 'secondary=04, subordinate=04'),
    );
    expect(types(machine)).toEqual([4, 5, 6, 6]);
    const notes = machine.notes.filter(({ message }) => message.includes('by its driver'));
    expect(notes.map(({ line }) => line)).toEqual([1, 7, 13, 19]);
    expect(machine.inferred.filter(({ value }) => value.includes('0x34, 0x40..0x43'))).toHaveLength(4);
  });

  it('are what their names say', () => {
    const machine = importOf(
      ...bridge('00:1c.0', 'ACME PCI Express Root Port #1', 'secondary=01, subordinate=01', ''),
      ...bridge('00:1d.0', 'ACME PCIe Switch Upstream Port', 'secondary=02, subordinate=02', ''),
      ...bridge('00:1e.0', 'XIO2001 PCI Express-to-PCI Bridge', 'secondary=03, subordinate=03', ''),
    );
    expect(types(machine)).toEqual([4, 5, 7]);
  });

  it('stay conventional bridges where nothing says that they are ports', () => {
    const machine = importOf(
      ...bridge('00:1e.0', '82801 PCI Bridge', 'secondary=01, subordinate=01', ''),
      ...bridge('00:1f.0', 'PCI Bridge with a port', 'secondary=02, subordinate=02', ''),
    );
    expect(types(machine)).toEqual([undefined, undefined]);
  });

  it('leave functions below them their own requester IDs', () => {
    const machine = importOf(
      ...bridge('00:1c.0', 'ACME PCI Express Root Port', 'secondary=01, subordinate=01'),
      '01:00.0 Ethernet controller: ACME',
    );
    const placed = machine.functions.map((one) => ({
      ...(parseFunctionName(one.name) as NonNullable<ReturnType<typeof parseFunctionName>>),
      bytes: hexToBytes(one.config) as Uint8Array,
    }));
    expect([...new CapturedTopology(placed).aliases(0, 0x100)]).toEqual([]);
  });

  it('are given it where the header says that it begins, behind the 64 bytes of /sys', () => {
    const files = (name: string, first: number, driver: string, buses: number[]) => {
      const content = new Uint8Array(64);
      content.set([0x86, 0x80, 0x42, 0, 0x07, 0x05, first === 0 ? 0 : 0x10]);
      content.set([0x04, 0x06], 0x0a);
      content[0x0e] = 1;
      content.set(buses, 0x18);
      content[0x34] = first;
      const folder = `sys/bus/pci/devices/${name}`;
      const link = { path: `${folder}/driver`, content: '', link: `../../../bus/pci/drivers/${driver}` };
      return [{ path: `${folder}/config`, content }, link];
    };
    const { machine } = importCapture(
      [
        ...files('0000:00:01.0', 0x54, 'pcieport', [0, 1, 3]),
        ...files('0000:01:00.0', 0xfc, 'pcieport', [1, 2, 3]),
        ...files('0000:02:00.0', 0x40, 'shpchp', [2, 3, 3]),
        ...files('0000:03:00.0', 0x40, 'shpchp', [3, 0, 0]),
        ...files('0000:00:1d.0', 0x80, 'pcieport', [0, 5, 6]),
        ...files('0000:05:00.0', 0x50, 'shpchp', [5, 6, 6]),
        ...files('0000:00:1e.0', 0, 'pcieport', [0, 4, 4]),
      ],
      { name: 'x' },
    );
    if (machine === undefined) throw new Error('there is no machine');
    const typeOf = Object.fromEntries(
      machine.functions.map(({ name }, index) => [name.slice(5), types(machine)[index]]),
    );
    expect(typeOf).toEqual({
      ...{ '00:01.0': 4, '00:1d.0': 4, '01:00.0': 5 },
      // Within a switch, and behind what is no port: nothing says what they are.
      ...{ '02:00.0': undefined, '03:00.0': undefined },
      // Behind a link there is nothing but PCI Express: no port, but a bridge.
      '05:00.0': 7,
      // Without a list of capabilities it is none of PCI Express, whatever drives it.
      '00:1e.0': undefined,
    });
    const pointers = machine.functions.map(({ name, config }) => [name.slice(5), config.slice(0x68, 0x6a)]);
    expect(Object.fromEntries(pointers)).toMatchObject({ '00:01.0': '54', '01:00.0': 'fc', '00:1e.0': '00' });
    const assumed = machine.inferred.filter(({ value }) => value.includes('0x54..0x57'));
    expect(assumed).toHaveLength(1);
  });

  it('are left as captured where their bytes or capabilities are there', () => {
    const machine = preset('server-2012');
    const printed = importMachine({ lspci: printAsLspci(machine, '-nnvvxxxx') }, { name: 'x' });
    expect(printed.notes.filter(({ message }) => message.includes('is taken for'))).toEqual([]);
  });
});
