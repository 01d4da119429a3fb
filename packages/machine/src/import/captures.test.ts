import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { bytesToHex } from '../build/config-bytes.ts';
import type { Machine } from '../description/machine.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { capturedMachines, haveShared } from '../testing/captures.ts';
import { importMachine, type MachineCapture } from './import-machine.ts';

const files = { lspci: 'lspci.txt', acpi: 'acpi.txt', iomem: 'iomem.txt' };
const importAs = (name: string, capture: MachineCapture): Machine => importMachine(capture, { name, files });

/** Functions and units of each machine, counted by hand (`grep -c`). */
const counts: Readonly<Record<string, readonly [functions: number, units: number]>> = {
  'acer-g43t-am3': [25, 0],
  'alienware-m11x': [23, 0],
  'asus-p61-s3-b3': [17, 0],
  'asus-z890-sriov': [36, 0],
  'dell-latitude-e6430': [22, 2],
  'dell-precision-5820-vmd': [128, 0],
  'huananzhi-x99-bd4': [87, 2],
  'huananzhi-x99-qd4': [87, 2],
  'intel-dh77df': [14, 0],
  'msi-ms7721-amd-fm2': [24, 1],
  'thinkpad-t400': [27, 0],
  'ground-truth': [19, 1],
};

describe.skipIf(!haveShared)('captures of real machines (../shared/real-captures)', () => {
  const machines = capturedMachines();

  it('are all known here', () => {
    expect(machines.map((one) => one.name).sort()).toEqual(Object.keys(counts).sort());
  });

  describe.each(machines)('$name', ({ name, capture }) => {
    const machine = importAs(name, capture);

    it('has every function and unit', () => {
      expect([machine.functions.length, machine.units.length]).toEqual(counts[name]);
    });

    it('has every byte that the text has', () => {
      const expected = bytesByFunction(new TextDecoder().decode(capture.lspci));
      for (const one of machine.functions) {
        const rows = expected.get(one.name.startsWith('0000:') ? one.name.slice(5) : one.name);
        expect(rows, one.name).toBeDefined();
        for (const [offset, bytes] of rows as Map<number, string>) {
          expect(one.config.slice(2 * offset, 2 * offset + bytes.length), `${one.name} ${offset}`).toBe(
            bytes,
          );
        }
      }
    });

    it('satisfies the schema, and gives the same machine after a way through JSON', () => {
      expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
    });

    it('can be assembled: every function answers, requesters have a unit where the machine has one', () => {
      const assembled = assembleMachine(machine, {
        calendar: new EventCalendar(),
        observer: new SilentObserver(),
      });
      for (const fn of assembled.hierarchy.functions) {
        const { segment, bus, device, fn: number } = fn.description;
        expect(assembled.hierarchy.visibleAt(segment, bus, device, number), fn.name).toBe(fn);
        const unit = assembled.unitFor(segment, fn.requesterId);
        expect(unit !== undefined, fn.name).toBe(machine.units.length > 0);
      }
    });

    it('lists what it assumed with a reason, and notes with a file', () => {
      expect(machine.inferred.length).toBeGreaterThan(0);
      for (const one of machine.inferred) expect(one.reason, one.path).not.toBe('');
      for (const one of machine.notes) expect(Object.values(files)).toContain(one.file);
    });
  });

  const machineOf = (name: string): Machine => {
    const found = machines.find((one) => one.name === name);
    return importAs(name, (found as { capture: MachineCapture }).capture);
  };

  it('repairs the row of huananzhi-x99-bd4 that a library wrote into, and says where', () => {
    const { notes } = machineOf('huananzhi-x99-bd4');
    expect(notes.map((one) => one.line)).toEqual([5123, 5124]);
  });

  it('says which function of dell-latitude-e6430 was powered off', () => {
    const { notes, functions } = machineOf('dell-latitude-e6430');
    expect(notes.map((one) => one.message).join()).toMatch('0000:01:00.1 was powered off');
    expect(functions.find((one) => one.name === '0000:01:00.1')?.endpoint.kind).toBe('idle');
  });

  it('lists the row that is missing from dell-precision-5820-vmd, and keeps its software-made domain', () => {
    const { inferred, functions, rootComplexes } = machineOf('dell-precision-5820-vmd');
    const rows = inferred.filter((one) => one.path.endsWith('/config'));
    expect(rows).toHaveLength(59);
    expect(new Set(rows.map((one) => one.value))).toEqual(new Set(['0xcc0..0xccf = 00']));
    expect(functions.filter((one) => one.name.startsWith('10000:')).length).toBeGreaterThan(0);
    expect(rootComplexes.map((one) => one.firstBus)).toEqual([0x00, 0x16, 0x64, 0xb2, 0x00]);
  });

  it('takes Intel controllers in RAID mode as what they are behind their class', () => {
    const { dumpTarget, functions } = machineOf('dell-precision-5820-vmd');
    expect(dumpTarget).toBe('0000:00:17.0');
    expect(functions.find((one) => one.name === dumpTarget)?.endpoint.kind).toBe('ahci');
  });

  it('takes the ECAM window of dell-latitude-e6430 from its MCFG table', () => {
    expect(machineOf('dell-latitude-e6430').rootComplexes).toEqual([
      { segment: 0, firstBus: 0, lastBus: 255, ecamBase: 0xf800_0000 },
    ]);
  });

  it('finds in ground-truth the memory of the observed guest', () => {
    const { memoryMap } = machineOf('ground-truth');
    const ownerAt = (address: number): string | undefined =>
      memoryMap.find((one) => one.start <= address && address < one.end)?.owner;
    expect(ownerAt(0x1000)).toBe('low-640k');
    expect(ownerAt(0x150_0000)).toBe('dump-relevant');
    expect(ownerAt(0x1000_0000)).toBe('first-kernel');
    expect(ownerAt(0x2e00_0000)).toBe('crash-kernel');
    expect(ownerAt(0x3dff_ffff)).toBe('crash-kernel');
    expect(ownerAt(0x3ffe_0000)).toBe('firmware');
    expect(ownerAt(0xfd60_0000)).toBe('mmio');
    expect(ownerAt(0xfee0_1000)).toBe('interrupt-window');
    expect(ownerAt(0xffff_c000)).toBe('mmio');
  });
});

/** An independent reader of undamaged rows: by function as printed, hexadecimal digits by offset. */
function bytesByFunction(text: string): Map<string, Map<number, string>> {
  const functions = new Map<string, Map<number, string>>();
  let rows = new Map<number, string>();
  for (const line of text.split('\n')) {
    const head = /^((?:[0-9a-f]{4,5}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /.exec(line)?.[1];
    const row = /^([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ?){16})$/.exec(line);
    if (head !== undefined) {
      rows = new Map();
      functions.set(head.replace(/^0000:/, ''), rows);
    }
    if (row !== null) rows.set(Number.parseInt(row[1] as string, 16), (row[2] as string).replaceAll(' ', ''));
  }
  return functions;
}

it('bytesToHex writes what the rows are compared with', () => {
  expect(bytesToHex(Uint8Array.of(0, 255, 16))).toBe('00ff10');
});
