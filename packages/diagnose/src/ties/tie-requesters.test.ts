import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  bytesToHex,
  functionName,
  importMachine,
  type Machine,
  type MachineFunction,
  preset,
} from '@quiesce/machine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnosis, LoggedFault, LoggedRequester, RequesterTie } from '../diagnosis.ts';
import { tieRequesters } from './tie-requesters.ts';

const captures = fileURLToPath(new URL('../../../../../shared/real-captures/machines/', import.meta.url));

function faultsOf(...requesters: readonly LoggedRequester[]): Pick<Diagnosis, 'faults'> {
  const first = requesters.map(
    (requester, index): LoggedFault => ({
      line: index + 1,
      architecture: 'vt-d',
      kind: 'dma',
      requester,
      reasonText: '',
      shape: 'F8',
      kernel: 0,
      damage: [],
    }),
  );
  return { faults: { dma: first.length, interrupt: 0, suppressed: 0, groups: [], first } };
}

function tie(machine: Machine, text: string): RequesterTie {
  const [bus, device, fn] = text.split(/[:.]/).map((part) => Number.parseInt(part, 16)) as [
    number,
    number,
    number,
  ];
  return tieRequesters(faultsOf({ bus, device, fn }), machine)[0] as RequesterTie;
}

/** A config space of `length` bytes with the bytes of `fields` at their offsets. */
function config(fields: Readonly<Record<number, readonly number[]>>, length = 256): string {
  const bytes = new Uint8Array(length);
  for (const [at, values] of Object.entries(fields)) bytes.set(values, Number(at));
  return bytesToHex(bytes);
}

function machineOf(functions: Readonly<Record<string, string>>): Machine {
  const base = preset('q35-lab');
  const like = base.functions[0] as MachineFunction;
  return {
    ...base,
    functions: Object.entries(functions).map(([name, hex]) => ({ ...like, name, config: hex, label: name })),
  };
}

const ids = (vendor: number, device: number): number[] => [
  vendor & 0xff,
  vendor >> 8,
  device & 0xff,
  device >> 8,
];
const endpoint = config({ 0: ids(0x8086, 0x10d3) });
/** An express capability at 0x40 of a device type, with Device Capabilities. */
const express = (type: number, capabilities = 0): Record<number, number[]> => ({
  6: [0x10, 0],
  52: [0x40],
  64: [0x10, 0, type << 4, 0, capabilities, 0, 0, 0],
});
const bridge = (primary: number, secondary: number, subordinate: number): Record<number, number[]> => ({
  14: [1],
  24: [primary, secondary, subordinate],
});

describe('requester IDs of a log', () => {
  it('are the function that a machine has there', () => {
    const found = tie(preset('q35-lab'), '01:00.0');
    expect(found).toMatchObject({
      requester: '01:00.0',
      how: 'itself',
      functions: ['0000:01:00.0'],
      units: ['dmar0'],
    });
  });

  it('are those of functions behind a PCIe-to-PCI bridge, in two forms', () => {
    const machine = machineOf({
      '0000:02:00.0': config({ 0: ids(0x104c, 0x8240), ...express(7), ...bridge(2, 3, 4) }),
      '0000:03:01.0': endpoint,
      '0000:04:02.0': endpoint,
    });
    for (const text of ['03:00.0', '02:00.0']) {
      const found = tie(machine, text);
      expect(found.how).toBe('bridge-alias');
      expect(found.functions).toEqual(expect.arrayContaining(['0000:03:01.0', '0000:04:02.0']));
    }
    expect(tie(machine, '03:01.0').how).toBe('itself');
  });

  it('are that of a conventional bridge, not of a port', () => {
    const machine = machineOf({
      '0000:00:1e.0': config({ 0: ids(0x8086, 0x244e), ...bridge(0, 5, 5) }),
      '0000:05:03.0': endpoint,
      '0000:00:1c.0': config({ 0: ids(0x8086, 0x1c10), ...express(4), ...bridge(0, 6, 6) }),
      '0000:06:00.0': endpoint,
    });
    expect(tie(machine, '00:1e.0')).toMatchObject({
      how: 'bridge-alias',
      functions: ['0000:00:1e.0', '0000:05:03.0'],
    });
    expect(tie(machine, '00:1c.0')).toMatchObject({ how: 'itself', functions: ['0000:00:1c.0'] });
  });

  it('are phantom functions, of defects that are known and of devices that say so', () => {
    const machine = machineOf({
      '0000:09:00.0': config({ 0: ids(0x1b4b, 0x9128) }),
      '0000:0a:00.0': config({ 0: ids(0x1234, 1), ...express(0, 1 << 3) }),
      '0000:0b:00.0': endpoint,
    });
    expect(tie(machine, '09:00.1')).toMatchObject({
      how: 'phantom-function',
      functions: ['0000:09:00.0'],
    });
    expect(tie(machine, '09:00.2').how).toBe('hidden-function');
    expect(tie(machine, '0a:00.4')).toMatchObject({
      how: 'phantom-function',
      functions: ['0000:0a:00.0'],
    });
    expect(tie(machine, '0a:00.4').explanation).toContain('switched off');
    expect(tie(machine, '0a:00.1').how).toBe('hidden-function');
    expect(tie(machine, '0b:00.1')).toMatchObject({
      how: 'hidden-function',
      functions: [],
      candidates: ['0000:0b:00.0'],
    });
  });

  it('are virtual functions that nobody enumerated', () => {
    const sriov = new Array<number>(0x40).fill(0);
    sriov.splice(0, 4, 0x10, 0, 1, 0);
    sriov[0x08] = 1;
    sriov[0x0e] = 8;
    sriov[0x10] = 2;
    sriov[0x14] = 0x80;
    sriov[0x16] = 2;
    const machine = machineOf({ '0000:03:00.0': config({ 0: ids(0x8086, 0x10fb), 256: sriov }, 4096) });
    expect(tie(machine, '03:10.2')).toMatchObject({
      how: 'virtual-function',
      functions: ['0000:03:00.0'],
    });
    expect(tie(machine, '03:10.2').explanation).toContain('virtual function 1');
    expect(tie(machine, '03:10.1').how).toBe('not-found');
    expect(tie(machine, '03:12.0').how).toBe('not-found');
  });

  it('are those of functions behind a volume management device', () => {
    const machine = machineOf({
      '0000:64:00.5': config({ 0: ids(0x8086, 0x28c0) }),
      '10000:e0:02.0': config({ 0: ids(0x8086, 0x347a), ...express(4), ...bridge(0xe0, 0xe1, 0xe1) }),
      '10000:e1:00.0': endpoint,
    });
    expect(tie(machine, '64:00.5')).toMatchObject({
      how: 'vmd-child',
      functions: ['0000:64:00.5', '10000:e0:02.0', '10000:e1:00.0'],
    });
    expect(tie(machine, 'e1:00.0')).toMatchObject({ how: 'vmd-child', functions: ['10000:e1:00.0'] });
  });

  it('are I/O APICs of the DMAR table', () => {
    const found = tie(preset('q35-lab'), 'ff:00.0');
    expect(found).toMatchObject({ how: 'io-apic', functions: [] });
    expect(found.explanation).toContain('I/O APIC 0');
  });

  it('that no segment has get candidates, and never a function', () => {
    const found = tie(preset('q35-lab'), '77:00.0');
    expect(found).toMatchObject({ how: 'not-found', functions: [] });
    const near = tie(preset('q35-lab'), '01:05.0');
    expect(near).toMatchObject({ how: 'not-found', functions: [], candidates: ['0000:01:00.0'] });
  });

  it('of two segments are both named, with a word on the doubt', () => {
    const machine = machineOf({ '0000:01:00.0': endpoint, '0001:01:00.0': endpoint });
    const found = tie(machine, '01:00.0');
    expect(found.functions).toEqual(['0000:01:00.0', '0001:01:00.0']);
    expect(found.explanation).toContain('segment');
    const [exact] = tieRequesters(faultsOf({ segment: 1, bus: 1, device: 0, fn: 0 }), machine);
    expect(exact).toMatchObject({ requester: '0001:01:00.0', functions: ['0001:01:00.0'] });
  });

  it('survive a machine whose DMAR table lies', () => {
    const machine = { ...preset('q35-lab'), dmar: `${'44'.repeat(60)}` };
    expect(tie(machine, '01:00.0').how).toBe('itself');
  });

  it('never make it throw, whatever config space holds', () => {
    const one = fc.record({
      bus: fc.nat(6),
      device: fc.nat(3),
      fn: fc.nat(7),
      segment: fc.constantFrom(0, 0, 1, 0x10000),
      seed: fc.uint8Array({ minLength: 64, maxLength: 512 }),
      header: fc.constantFrom(0, 1, 2, 0x7f),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (functions) => {
        const named: Record<string, string> = {};
        for (const { segment, bus, device, fn, seed, header } of functions) {
          const bytes = Uint8Array.from(seed);
          bytes[0x0e] = header;
          named[functionName({ segment, bus, device, fn })] = bytesToHex(bytes);
        }
        const asked = functions.flatMap(({ bus, device, fn }) => [
          { bus, device, fn },
          { bus, device: 0, fn: 0 },
          { segment: 0, bus, device, fn: fn ^ 1 },
        ]);
        const machine = machineOf(named);
        for (const { requester, functions: found, how, candidates = [] } of tieRequesters(
          faultsOf(...asked),
          machine,
        )) {
          for (const name of [...found, ...candidates]) expect(Object.keys(named), requester).toContain(name);
          if (how === 'itself') expect(found.some((name) => name.endsWith(requester.slice(-7)))).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('take no longer on machines of many functions', () => {
    const many: Record<string, string> = {};
    const loop = config({ 14: [1], 24: [0, 9, 255], 256: [0x0b, 0, 1, 0x10] }, 272);
    for (let bus = 0; bus < 256; bus++) {
      for (let device = 0; device < 8; device++)
        many[functionName({ segment: 0, bus, device, fn: 0 })] = loop;
    }
    const asked = Array.from({ length: 256 }, (_, bus) => ({ bus, device: 9, fn: 3 }));
    expect(tieRequesters(faultsOf(...asked), machineOf(many)).length).toBe(256);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({ bus: index >> 3, device: 0, fn: index & 7 }));
    expect(tieRequesters(faultsOf(...many), preset('q35-lab')).length).toBe(256);
  });
});

describe.skipIf(!existsSync(captures))('requester IDs on real machines', () => {
  const machineFrom = (name: string, file: string, acpi?: string): Machine => {
    const read = (path: string): Uint8Array => new Uint8Array(readFileSync(`${captures}${name}/${path}`));
    return importMachine(
      { lspci: read(file), ...(acpi === undefined ? {} : { acpi: read(acpi) }) },
      { name },
    );
  };

  it('a workstation with a volume management device and a PCIe-to-PCI bridge', () => {
    const machine = machineFrom('dell-precision-5820-vmd', 'lspci-nnDvvvxxxx.txt');
    expect(tie(machine, 'b2:05.5')).toMatchObject({ how: 'vmd-child' });
    expect(tie(machine, 'b2:05.5').functions).toContain('10000:01:00.0');
    expect(tie(machine, '03:00.0').how).toBe('bridge-alias');
    expect(tie(machine, '00:16.7')).toMatchObject({ how: 'hidden-function', functions: [] });
    expect(tie(machine, '65:00.1')).toMatchObject({ how: 'itself', functions: ['0000:65:00.1'] });
  });

  it('a laptop with reserved regions and an I/O APIC at f0:1f.0', () => {
    const machine = machineFrom('dell-latitude-e6430', 'lspci-nnvvvxxxx.txt', 'acpidump.txt');
    expect(tie(machine, 'f0:1f.0').how).toBe('io-apic');
    expect(tie(machine, '00:02.0').reservedRegions?.length).toBeGreaterThan(0);
    expect(tie(machine, '00:02.0').units).toEqual(['dmar0']);
    expect(tie(machine, '00:1d.0').reservedRegions?.length).toBeGreaterThan(0);
  });
});
