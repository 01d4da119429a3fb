import { parseDmar, remappingUnits } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../build/config-bytes.ts';
import { buildDmarTable } from '../build/dmar-table.ts';
import { functionName } from '../description/function-name.ts';
import type { Machine } from '../description/machine.ts';
import { preset } from '../presets/presets.ts';
import { importMachine, type MachineCapture } from './import-machine.ts';
import type { LspciDump, LspciFunction } from './lspci.ts';

const files = { lspci: 'lspci.txt', acpi: 'acpi.bin', iomem: 'iomem.txt' };
const importAs = (capture: MachineCapture): Machine => importMachine(capture, { name: 'test', files });

/** A function with the fields that a test cares for. */
function fn(
  place: string,
  bytes: Readonly<Record<number, number>>,
  rest: Partial<LspciFunction> = {},
): LspciFunction {
  const [bus, device, number] = place.split(/[:.]/).map((part) => Number.parseInt(part, 16)) as [
    number,
    number,
    number,
  ];
  const config = new Uint8Array(256);
  config.set([0x86, 0x80, 0x34, 0x12]);
  for (const [offset, value] of Object.entries(bytes)) config[Number(offset)] = value;
  const at = { segment: 0, bus, device, fn: number };
  const regionSizes = new Array<undefined>(6).fill(undefined);
  return { ...at, name: functionName(at), bytes: config, missing: [], regionSizes, line: 1, ...rest };
}

const dumpOf = (functions: readonly LspciFunction[], verbose = false): LspciDump => ({
  functions,
  verbose,
  notes: [],
});
const bridge = (place: string, secondary: number, subordinate: number): LspciFunction =>
  fn(place, { 10: 0x04, 11: 0x06, 14: 1, 25: secondary, 26: subordinate });

const sata = fn('00:1f.2', { 9: 1, 10: 0x06, 11: 0x01, 38: 0x08, 39: 0xfe });

describe('importMachine', () => {
  it.each([
    ['network card', [0x00, 0x00, 0x02], 'network-ring'],
    ['wireless card', [0x00, 0x80, 0x02], 'network-ring'],
    ['HD audio', [0x00, 0x03, 0x04], 'cyclic-stream'],
    ['AHCI', [0x01, 0x06, 0x01], 'ahci'],
    ['NVMe', [0x02, 0x08, 0x01], 'nvme'],
    ['UHCI', [0x00, 0x03, 0x0c], 'uhci'],
    ['OHCI', [0x10, 0x03, 0x0c], 'idle'],
    ['EHCI', [0x20, 0x03, 0x0c], 'ehci'],
    ['xHCI', [0x30, 0x03, 0x0c], 'xhci'],
    ['VGA', [0x00, 0x00, 0x03], 'scan-out'],
    ['IDE', [0x8a, 0x01, 0x01], 'idle'],
    ['host bridge', [0x00, 0x00, 0x06], 'idle'],
  ])('knows a %s by its class', (_, [interfaceCode, subClass, baseClass], kind) => {
    const one = fn('00:02.0', {
      9: interfaceCode as number,
      10: subClass as number,
      11: baseClass as number,
    });
    const machine = importAs({ lspci: dumpOf([one]) });
    expect(machine.functions[0]?.endpoint.kind).toBe(kind);
    const inferred = machine.inferred.filter((each) => each.path === '/functions/0/endpoint');
    expect(inferred).toHaveLength(kind === 'idle' ? 0 : 1);
  });

  it('finds the legacy support of EHCI controllers, which no list of capabilities names', () => {
    const traits = (bytes: Record<number, number>) => {
      const one = fn('00:1d.0', { 9: 0x20, 10: 0x03, 11: 0x0c, ...bytes });
      return importAs({ lspci: dumpOf([one]) }).functions[0]?.endpoint.traits;
    };
    expect(traits({ 104: 1, 107: 1 })).toMatchObject({ onRefusal: 'stop-until-reset', legacySupport: 0x68 });
    expect(traits({ 160: 1, 162: 1 })).toMatchObject({ legacySupport: 0xa0 });
    for (const other of [{}, { 104: 1, 105: 0x80 }, { 104: 2 }, { 104: 1, 107: 3 }]) {
      expect(traits(other)).not.toHaveProperty('legacySupport');
    }
  });

  it('lets a display behind a port keep its picture in its own memory', () => {
    const vga = { 11: 0x03 };
    const machine = importAs({
      lspci: dumpOf([bridge('00:01.0', 1, 1), fn('00:02.0', vga), fn('01:00.0', vga)]),
    });
    const rates = machine.functions.map((one) => one.endpoint.workload.ratePerSecond);
    expect(rates[1]).toBeGreaterThan(1);
    expect(rates[2]).toBeLessThan(1);
  });

  it('begins a root complex at each bus that no bridge leads to', () => {
    const { rootComplexes } = importAs({
      lspci: dumpOf([
        bridge('00:01.0', 1, 3),
        fn('01:00.0', {}),
        fn('02:00.0', {}),
        fn('80:00.0', {}),
        fn('ff:08.0', {}),
      ]),
    });
    expect(rootComplexes.map((one) => [one.firstBus, one.lastBus])).toEqual([
      [0x00, 0x7f],
      [0x80, 0xfe],
      [0xff, 0xff],
    ]);
  });

  it('does not take a bridge without bus numbers for one that leads to bus 0', () => {
    const { rootComplexes } = importAs({ lspci: dumpOf([bridge('00:01.0', 0, 0), sata]) });
    expect(rootComplexes.map((one) => [one.firstBus, one.lastBus])).toEqual([[0, 0xff]]);
  });

  it('takes the size of a BAR from the text, from iomem, or from how it is aligned', () => {
    const bars = { 18: 0x08, 19: 0xfe, 22: 0x0a, 23: 0xfe, 25: 0x40, 26: 0x0c, 27: 0xfe };
    const one = fn('00:19.0', bars, { regionSizes: [0x2_0000, ...new Array<undefined>(5).fill(undefined)] });
    const iomem = 'c0000000-febfffff : PCI Bus 0000:00\n  fe0a0000-fe0a0fff : 0000:00:19.0\n';
    const machine = importAs({ lspci: dumpOf([one]), iomem });
    expect(machine.functions[0]?.barSizes.slice(0, 3)).toEqual([0x2_0000, 0x1000, 0x4000]);
    expect(machine.inferred.filter((each) => each.path.includes('barSizes'))).toEqual([
      {
        path: '/functions/0/barSizes/2',
        value: '0x4000',
        reason: 'neither lspci -v nor /proc/iomem says its size',
      },
    ]);
  });

  it('knows message-passing controllers by their vendor, too, and says what it took for one', () => {
    const controller = (place: string, vendor: number, device: number, subClass: number): LspciFunction =>
      fn(place, { 0: vendor & 0xff, 1: vendor >> 8, 2: device & 0xff, 3: device >> 8, 10: subClass, 11: 1 });
    const functions = [
      controller('03:00.0', 0x9005, 0x028f, 0x07),
      controller('01:00.0', 0x1000, 0x0097, 0x07),
      controller('02:00.0', 0x1000, 0x005d, 0x04),
    ];
    const machine = importAs({ lspci: dumpOf(functions) });
    expect(machine.functions.map(({ endpoint }) => endpoint.kind)).toEqual(['idle', 'mpt', 'mpt']);
    expect(machine.functions[1]?.endpoint.traits.onRefusal).toBe('stop-until-reset');
    expect(machine.dumpTarget).toBe('0000:01:00.0');
    const reasons = machine.inferred.filter(({ path }) => path.endsWith('/endpoint'));
    expect(reasons.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^Fusion-MPT SAS-3: by its vendor/),
      expect.stringMatching(/^MegaRAID SAS Fusion: taken for a Fusion-MPT controller.*megaraid_sas/),
    ]);
  });

  it('does not believe a size that the address contradicts', () => {
    const one = fn(
      '00:19.0',
      { 17: 0x10, 19: 0xfe },
      { regionSizes: [0x2_0000, ...new Array<undefined>(5).fill(undefined)] },
    );
    expect(importAs({ lspci: dumpOf([one]) }).functions[0]?.barSizes[0]).toBe(0x1000);
  });

  it('writes the dump to the first disk controller that the model can drive', () => {
    const nvme = fn('02:00.0', { 9: 2, 10: 0x08, 11: 0x01 });
    const ide = fn('00:1f.1', { 10: 0x01, 11: 0x01 });
    const target = (functions: LspciFunction[]): string | undefined =>
      importAs({ lspci: dumpOf(functions) }).dumpTarget;
    expect(target([ide, sata, nvme])).toBe('0000:00:1f.2');
    expect(target([ide])).toBe('0000:00:1f.1');
    expect(target([fn('00:00.0', {})])).toBeUndefined();
  });

  it('has no driver where the verbose text names none', () => {
    const functions = [{ ...sata, kernelDriver: 'ahci' }, fn('00:19.0', { 11: 0x02 })];
    const drivers = importAs({ lspci: dumpOf(functions, true) }).functions.map((one) => one.driver);
    expect(drivers).toEqual([
      { first: true, second: true },
      { first: false, second: false },
    ]);
  });

  it('paints a small memory map where there is no iomem, with firmware where the DMAR says', () => {
    const acpi = dmarBytes([{ segment: 0, base: 0x3000_0000, limit: 0x3000_ffff, scopes: [] }]);
    const { memoryMap, inferred } = importAs({ lspci: dumpOf([sata]), acpi });
    const ownerAt = (address: number): string | undefined =>
      memoryMap.find((one) => one.start <= address && address < one.end)?.owner;
    expect([0x1000, 0xf_0000, 0x100_0000, 0x1000_0000].map(ownerAt)).toEqual([
      'low-640k',
      'low-1m',
      'dump-relevant',
      'first-kernel',
    ]);
    expect(ownerAt(0x3000_8000)).toBe('firmware');
    expect(ownerAt(0xfe08_0000)).toBe('mmio');
    expect(memoryMap.filter((one) => one.owner === 'crash-kernel')).toHaveLength(1);
    expect(inferred.filter((one) => one.path === '/memoryMap').length).toBe(3);
  });

  it('keeps RAM below registers that stand low', () => {
    const low = fn('00:19.0', { 19: 0x20 });
    const { memoryMap } = importAs({ lspci: dumpOf([sata, low]) });
    const region = memoryMap.find((one) => one.start <= 0x2000_0000 && 0x2000_0000 < one.end);
    expect(region?.owner).toBe('mmio');
  });

  it('lists a device scope that leads nowhere, with its offset in the table', () => {
    const acpi = dmarBytes([], [{ type: 'endpoint', bus: 0, path: [[0x05, 0]] }]);
    const { units, notes, dmar } = importAs({ lspci: dumpOf([sata]), acpi });
    expect(units.map((one) => one.registerBase)).toEqual([0xfed9_0000]);
    expect(notes).toContainEqual({
      file: 'acpi.bin',
      offset: 64,
      message: 'DMAR: a device scope leads to 0000:00:05.0, which does not exist',
    });
    expect(dmar).toBe(bytesToHex(acpi));
  });

  it('says that a machine has no remapping unit, and why', () => {
    const messages = (capture: MachineCapture): string =>
      importAs(capture)
        .notes.map((one) => one.message)
        .join();
    expect(messages({ lspci: dumpOf([sata]) })).toMatch('no ACPI tables were given');
    expect(messages({ lspci: dumpOf([sata]), acpi: { tables: [], notes: [] } })).toMatch('no DMAR table');
  });

  it('knows virtual functions by the capability of their physical function', () => {
    const config = new Uint8Array(4096);
    config.set(fn('01:00.0', { 11: 0x02 }).bytes);
    // SR-IOV at 0x100: VF Enable, two VFs, first VF offset 0x80, stride 2.
    for (const [offset, value] of [
      [0x100, 0x10],
      [0x102, 1],
      [0x108, 1],
      [0x110, 2],
      [0x114, 0x80],
      [0x116, 2],
    ]) {
      config[offset as number] = value as number;
    }
    const functions = [
      bridge('00:01.0', 1, 1),
      fn('01:00.0', {}, { bytes: config }),
      fn('01:10.0', {}),
      fn('01:10.2', {}),
      fn('01:10.4', {}),
    ];
    const physical = importAs({ lspci: dumpOf(functions) }).functions.map((one) => one.physicalFunction);
    expect(physical).toEqual([undefined, undefined, '0000:01:00.0', '0000:01:00.0', undefined]);
  });

  it.each([
    ['two bridges to one bus', [bridge('00:01.0', 1, 1), bridge('00:02.0', 1, 1)]],
    ['a loop of bridges', [bridge('01:00.0', 2, 2), bridge('02:00.0', 1, 1)]],
  ])('keeps a machine with %s, and says what it left out', (_, functions) => {
    const { functions: kept, notes } = importAs({ lspci: dumpOf(functions) });
    expect(kept).toHaveLength(2);
    expect(notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^bridge .* it is taken to lead nowhere$/),
    );
  });

  it('keeps what is sound of a DMAR that lies about its lengths, naming file and offset', () => {
    const acpi = dmarBytes([]);
    acpi[50] = 0;
    const machine = importAs({ lspci: dumpOf([sata]), acpi });
    expect(machine.units).toEqual([]);
    expect(machine.notes).toContainEqual({
      file: 'acpi.bin',
      offset: 0x32,
      message: expect.stringContaining('structure of 0 bytes') as string,
    });
    expect(remappingUnits(parseDmar(hexToBytes(machine.dmar as string) as Uint8Array))).toEqual([]);
  });

  it('gives what a preset describes when its own config spaces come back', () => {
    const original = preset('server-2012');
    const functions = original.functions.map((one) => {
      const [segment, rest] = [one.name.slice(0, 4), one.name.slice(5)];
      expect(segment).toBe('0000');
      const { regionSizes: _, ...placed } = fn(rest, {});
      const bytes = hexToBytes(one.config) as Uint8Array;
      return { ...placed, bytes, regionSizes: one.barSizes.map((size) => (size === 0 ? undefined : size)) };
    });
    const acpi = hexToBytes(original.dmar as string) as Uint8Array;
    const machine = importAs({ lspci: dumpOf(functions), acpi });
    expect(machine.functions.map((one) => one.barSizes)).toEqual(
      original.functions.map((one) => one.barSizes),
    );
    expect(machine.functions.map((one) => one.endpoint.kind)).toEqual(
      original.functions.map((one) => one.endpoint.kind),
    );
    expect(machine.units.map((one) => one.registerBase)).toEqual(
      original.units.map((one) => one.registerBase),
    );
    expect(machine.rootComplexes.map((one) => one.firstBus)).toEqual([0, 0x80]);
    expect(machine.notes).toEqual([]);
  });
});

type Dmar = Parameters<typeof buildDmarTable>[0];

function dmarBytes(
  reserved: NonNullable<Dmar['reserved']>,
  scopes: Dmar['units'][number]['scopes'] = [],
): Uint8Array {
  const unit = { segment: 0, base: 0xfed9_0000, includeAll: scopes.length === 0, scopes };
  return hexToBytes(
    buildDmarTable({ hostAddressWidth: 39, flags: 1, units: [unit], reserved }),
  ) as Uint8Array;
}
