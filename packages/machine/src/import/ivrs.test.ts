import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { importCapture } from '../capture/import-capture.ts';
import { checkMachine } from '../description/check-machine.ts';
import type { ImportNote, Inference } from '../description/machine.ts';
import { capturedMachines, haveShared } from '../testing/captures.ts';
import { acpiTable, parseAcpiDump } from './acpi-dump.ts';
import { bootOfMachine, parseBootLog } from './boot-log.ts';
import { importAmdUnits } from './import-amd-units.ts';
import { InferenceList } from './inference-list.ts';
import { parseIvrs } from './ivrs.ts';
import { NoteList } from './note-list.ts';
import { sysfsAmdFeatures } from './sysfs-amd-features.ts';

const file = 'ivrs.dat';

const word = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** A unit's block (AMD 48882, 5.2.2.1). */
function ivhd(type: number, requesterId: number, base: number, entries: number[], features = 0): number[] {
  const rest = type === 0x10 ? [] : [...word(features, 8), ...word(0x10, 8)];
  const body = [
    ...word(0x40, 2),
    ...word(base, 8),
    ...word(0, 2),
    ...word(0, 2),
    ...word(0, 4),
    ...rest,
    ...entries,
  ];
  return [type, 0xb0, ...word(body.length + 6, 2), ...word(requesterId, 2), ...body];
}

const range = (first: number, last: number): number[] => [3, ...word(first, 2), 0, 4, ...word(last, 2), 0];
const ioApic = (id: number, requesterId: number): number[] => [
  0x48,
  0,
  0,
  0xd7,
  id,
  ...word(requesterId, 2),
  1,
];
const named = [0xf0, ...word(0x00a5, 2), 0, ...new Array(16).fill(0x41), 2, 3, 0x5c, 0x5f, 0x53];
const ivmd = [
  0x20,
  0x08,
  ...word(32, 2),
  ...word(0, 2),
  ...word(0, 2),
  ...word(0, 8),
  ...word(0x7a00_0000, 8),
  ...word(0x1000, 8),
];

function tableOf(...blocks: number[][]): Uint8Array {
  const header = new Array<number>(48).fill(0);
  const bytes = Uint8Array.from([...header, ...blocks.flat()]);
  bytes.set([0x49, 0x56, 0x52, 0x53, ...word(bytes.length, 4), 2]);
  return bytes;
}

function imported(
  table: Uint8Array,
  log?: string,
): ReturnType<typeof importAmdUnits> & { notes: ImportNote[]; inferred: Inference[] } {
  const inferred = new InferenceList();
  const notes: ImportNote[] = [];
  const boot = log === undefined ? undefined : bootOfMachine(parseBootLog(log, { file: 'dmesg.txt' }));
  const result = importAmdUnits(table, boot, inferred, notes, file);
  return { ...result, notes, inferred: inferred.all };
}

const whole = tableOf(
  ivhd(0x10, 0x4002, 0xfd20_0000, range(0x4000, 0x7fff)),
  ivhd(0x10, 0x0002, 0xfd00_0000, [...range(0x0008, 0x3fff), ...ioApic(0x80, 0xa0)]),
  ivhd(0x40, 0x4002, 0xfd20_0000, [...range(0x4000, 0x7fff), ...named], 0x1234),
  ivhd(0x40, 0x0002, 0xfd00_0000, [...range(0x0008, 0x3fff), ...ioApic(0x80, 0xa0)], 0x5678),
  ivmd,
);

describe('an IVRS table', () => {
  it('gives each unit once, by its newest description, lower requester IDs first', () => {
    const { units, reserved, notes, inferred } = imported(whole);
    expect(notes).toEqual([]);
    expect(units).toMatchObject([
      {
        ...{ name: 'ivhd0', architecture: 'amd-vi', registerBase: 0xfd00_0000, lastRequesterId: 0x3fff },
        ...{ capability: '0000000000005678', extendedCapability: '0000000000000010' },
        interruptSources: [{ kind: 'io-apic', id: 0x80, requesterId: 0xa0 }],
      },
      { name: 'ivhd1', registerBase: 0xfd20_0000, lastRequesterId: 0x7fff, capability: '0000000000001234' },
    ]);
    expect(reserved).toMatchObject([{ start: 0x7a00_0000, end: 0x7a00_1000 }]);
    expect(inferred.map((one) => one.path)).toEqual(['/units/0/version', '/units/1/version']);
  });

  it('takes features from the boot log where the table is of an old type', () => {
    const old = tableOf(ivhd(0x10, 0x0002, 0xfd00_0000, [1, 0, 0, 0]));
    const log =
      'pci 0000:00:00.2: AMD-Vi: Found IOMMU cap 0x40\nAMD-Vi: Extended features (0xf77ef22294ada): PPR NX';
    expect(imported(old, log).units).toMatchObject([
      { capability: '000f77ef22294ada', lastRequesterId: 0xffff },
    ]);
    expect(imported(old).inferred.map((one) => one.path)).toContain('/units/0/capability');
    // Linux 6.12 has one line for all units, and none of them by name.
    expect(imported(old, 'AMD-Vi: Extended features (0x29d3, 0x10): PreF').units).toMatchObject([
      { capability: '00000000000029d3', extendedCapability: '0000000000000010' },
    ]);
  });

  it.each(['29d3:10', '10:29d3', '000029d3:10\n'])(
    'takes features from /sys, in either order: %j',
    (content) => {
      const path = (unit: string) => `sys/class/iommu/${unit}/amd-iommu/features`;
      const read = sysfsAmdFeatures([
        { path: path('ivhd0'), content },
        { path: path('ivhd1'), content },
      ]);
      const old = tableOf(ivhd(0x10, 0x0002, 0xfd00_0000, [1, 0, 0, 0]));
      const inferred = new InferenceList();
      expect(importAmdUnits(old, undefined, inferred, [], file, read).units).toMatchObject([
        { capability: '00000000000029d3', extendedCapability: '0000000000000010' },
      ]);
      expect(inferred.all.map((one) => one.path)).not.toContain('/units/0/capability');
      expect(
        sysfsAmdFeatures([
          { path: path('ivhd0'), content },
          { path: path('ivhd1'), content: '1:2' },
        ]),
      ).toBe(undefined);
      expect(sysfsAmdFeatures([{ path: path('ivhd0'), content: '0:0' }])).toBe(undefined);
    },
  );

  it('that nobody could read is made up for by /sys', () => {
    const config = new Uint8Array(64);
    config.set([0x22, 0x10, 0x42, 0x14]);
    const of = (name: string, unit: string) => [
      { path: `sys/bus/pci/devices/${name}/config`, content: config },
      { path: `sys/bus/pci/devices/${name}/iommu`, content: '', link: `../../virtual/iommu/${unit}` },
    ];
    const features = { path: 'sys/class/iommu/ivhd1/amd-iommu/features', content: '29d3:10\n' };
    const files = [
      ...of('0000:00:00.0', 'ivhd1'),
      ...of('0000:3f:00.0', 'ivhd1'),
      ...of('0000:40:01.0', 'ivhd0'),
    ];
    const { machine, host } = importCapture([...files, features], { name: 'x' });
    expect(host.platform.value).toBe('amd-vi');
    expect(machine?.units).toMatchObject([
      { architecture: 'amd-vi', lastRequesterId: 0x3f00, capability: '00000000000029d3' },
      { architecture: 'amd-vi', lastRequesterId: 0xffff, extendedCapability: '0000000000000010' },
    ]);
    expect(machine?.inferred).toContainEqual({
      ...{ path: '/units', value: '2 units' },
      reason: 'no table was given: they are those in /sys',
    });
    if (machine === undefined) return;
    checkMachine(machine, 'x');
    assembleMachine(machine, { calendar: new EventCalendar(), observer: new SilentObserver() });
  });

  it('is read up to a length that lies, which is noted', () => {
    const lying = whole.slice();
    const second = 48 + 32;
    lying[second + 2] = 4;
    const read = imported(lying);
    expect(read.units).toHaveLength(1);
    expect(read.notes).toMatchObject([{ file, offset: second + 2 }]);
  });

  it('survives any change', () => {
    const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: whole.length }),
        (changes, cut) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          const { units } = parseIvrs(bytes.slice(0, cut), new NoteList(file));
          expect(units.length).toBeLessThanOrEqual(4);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.skipIf(!haveShared)('of a captured machine names its unit and its interrupt controllers', () => {
    const amd = capturedMachines().find((one) => one.name === 'msi-ms7721-amd-fm2');
    const dump = parseAcpiDump(amd?.capture.acpi as Uint8Array, { file });
    const { units, notes } = imported(acpiTable(dump, 'IVRS')?.bytes as Uint8Array);
    expect(notes).toEqual([]);
    expect(units).toMatchObject([
      {
        ...{ registerBase: 0xfeb8_0000, lastRequesterId: 0xfffe },
        interruptSources: [
          { kind: 'hpet', id: 0, requesterId: 0xa0 },
          { kind: 'io-apic', id: 5, requesterId: 0xa0 },
        ],
      },
    ]);
  });
});
