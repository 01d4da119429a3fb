import { UserError } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../description/config-reader.ts';
import type { LspciDump } from './lspci.ts';
import { parseLspciMachineReadable } from './lspci-machine-readable.ts';

const file = 'lspci.txt';
const parse = (...lines: string[]): LspciDump => parseLspciMachineReadable(`${lines.join('\n')}\n`, { file });
const identity = ({ functions }: LspciDump): number[][] =>
  functions.map(({ bytes }) => {
    const read = new ConfigReader(bytes);
    return [read.u16(0), read.u16(2), read.classCode, read.u8(8), read.u16(0x2c), read.u16(0x2e)];
  });
const disk = [0x8086, 0x2922, 0x0106_01, 0x02, 0x1028, 0x0738];

describe('parseLspciMachineReadable', () => {
  it.each([
    [
      '-mm -nn',
      '00:1f.2 "SATA controller [0106]" "Intel [8086]" "ICH9 [2922]" -r02 -p01 "Dell [1028]" "X [0738]"',
    ],
    ['-mm -n', '0000:00:1f.2 "0106" "8086" "2922" -r02 -p01 "1028" "0738"'],
    [
      'names and numbers',
      '00:1f.2 "SATA controller" "Intel Corporation" "Device 2922" -r02 -p01 "1028" "Device 0738"',
    ],
    ['quotes within', '00:1f.2 "SATA controller" "8086" "A \\"B\\" \\\\ [2922]" -r02 -p01 "1028" "0738"'],
  ])('reads a row of %s', (_, row) => {
    const dump = parse(row);
    expect(identity(dump)).toEqual([disk]);
    expect(dump.notes).toEqual([]);
  });

  it('reads records, also those of -vm, and drivers where -k was given', () => {
    const fields = [
      'Vendor:\t8086',
      'Device:\t2922',
      'SVendor:\t1028',
      'SDevice:\t0738',
      'Rev:\t02',
      'ProgIf:\t01',
    ];
    const dump = parse(
      'Slot:\t00:1f.2',
      'Class:\t0106',
      ...fields,
      'Driver:\tahci',
      'Module:\tahci',
      'IOMMUGroup:\t7',
      '',
      'Device:\t00:1f.3',
      'Class:\t0106',
      ...fields,
      '',
      'Slot:\t00:1f.4',
      'Class:\t0106',
      ...fields,
      'Module:\ti2c_i801',
    );
    expect(identity(dump)).toEqual([disk, disk, disk]);
    expect(dump.functions.map((one) => [one.name, one.kernelDriver, one.verbose])).toEqual([
      ['0000:00:1f.2', 'ahci', true],
      ['0000:00:1f.3', undefined, false],
      ['0000:00:1f.4', undefined, true],
    ]);
    expect(dump.notes).toEqual([]);
  });

  it('leaves out what it cannot know, and lists it', () => {
    const [one] = parse('00:1f.2 "SATA controller" "A maker" "A thing" "" ""').functions;
    const from = one?.decoded?.find(({ start }) => start === 0)?.from;
    expect(from).toBe('assumed');
    expect(one?.missing).toContainEqual({ start: 0x0f, end: 0x40 });
    expect(one?.label).toBe('SATA controller: A maker A thing');
  });

  it('notes rows that are cut, functions that stand there twice, and other text, with the line', () => {
    const dump = parse(
      '00:1f.2 "0106" "8086" "29',
      'Dear list,',
      '00:1f.2 "0106" "8086" "2922"',
      '00:1f.5 "0101" "8086" "2926" rubbish',
    );
    expect(dump.notes.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(dump.functions.map((one) => one.name)).toEqual(['0000:00:1f.2', '0000:00:1f.5']);
  });

  it('refuses text without functions', () => {
    expect(() => parse('Class:\t0106')).toThrow(UserError);
  });
});
