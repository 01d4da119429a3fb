import { UserError } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../description/config-reader.ts';
import { type LspciTree, parseLspciTree } from './lspci-tree.ts';

const file = 'tree.txt';
const parse = (...lines: string[]): LspciTree => parseLspciTree(`${lines.join('\n')}\n`, { file });
const shape = ({ functions, bridges }: LspciTree): unknown => [
  functions.map((one) => one.name),
  bridges.map((one) => `${one.name} ${one.secondary.toString(16)}-${one.subordinate.toString(16)}`),
];

describe('parseLspciTree', () => {
  it('reads several roots, ranges, and functions several bridges down', () => {
    const tree = parse(
      '-+-[10000:e0]-+-06.0-[e1]----00.0  Maker NVMe [1c5c:1959]',
      ' |            \\-06.2-[e2]--',
      ' \\-[0000:00]-+-00.0  Maker Host [8086:0b00]',
      '             +-1c.0-[02-05]----00.0-[03-05]--+-00.0-[04]--',
      '             |                               \\-01.0-[05]----00.7',
      '             \\-1f.3',
    );
    expect(tree.notes).toEqual([]);
    expect(tree.roots.map(({ segment, bus }) => [segment, bus])).toEqual([
      [0x1_0000, 0xe0],
      [0, 0],
    ]);
    expect(shape(tree)).toEqual([
      [
        '10000:e0:06.0',
        '10000:e1:00.0',
        '10000:e0:06.2',
        '0000:00:00.0',
        '0000:00:1c.0',
        '0000:02:00.0',
        '0000:03:00.0',
        '0000:03:01.0',
        '0000:05:00.7',
        '0000:00:1f.3',
      ],
      [
        '10000:e0:06.0 e1-e1',
        '10000:e0:06.2 e2-e2',
        '0000:00:1c.0 2-5',
        '0000:02:00.0 3-5',
        '0000:03:00.0 4-4',
        '0000:03:01.0 5-5',
      ],
    ]);
    const nvme = tree.functions[1];
    expect(new ConfigReader((nvme as { bytes: Uint8Array }).bytes).u32(0)).toBe(0x1959_1c5c);
    expect(nvme).toMatchObject({ label: 'Maker NVMe [1c5c:1959]', line: 1, verbose: false });
  });

  it('reads trees of versions that print no domain, or print it at every bus', () => {
    expect(shape(parse('-[00]-+-00.0', '      \\-1c.0-[02]----00.0'))).toEqual([
      ['0000:00:00.0', '0000:00:1c.0', '0000:02:00.0'],
      ['0000:00:1c.0 2-2'],
    ]);
    expect(shape(parse('-[0001:00]---1c.0-[0001:02-03]----00.0'))).toEqual([
      ['0001:00:1c.0', '0001:02:00.0'],
      ['0001:00:1c.0 2-3'],
    ]);
  });

  it('reads what mail has quoted', () => {
    const lines = ['-[0000:00]-+-00.0', '           \\-1f.0'];
    expect(shape(parse(...lines.map((line) => `> ${line}`)))).toEqual(shape(parse(...lines)));
  });

  it('passes over what hangs from nothing, what is cut and what stands there twice, with the line', () => {
    const tree = parse(
      '           +-00.0',
      '-[0000:00]-+-00.0',
      '           +-1c.0-[0',
      '           +-00.0  again',
      '     +-01.0',
      '           \\-1d.0-[05-02]--',
    );
    expect(tree.notes.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6]);
    expect(tree.functions.map((one) => one.name)).toEqual(['0000:00:00.0', '0000:00:1c.0', '0000:00:1d.0']);
    expect(tree.bridges).toEqual([]);
  });

  it('counts lines from where the text begins in its file', () => {
    const tree = parseLspciTree('-[0000:00]---00.0', { file, firstLine: 40 });
    expect(tree.functions[0]?.line).toBe(40);
  });

  it('refuses what is no tree', () => {
    expect(() => parse('00:00.0 Host bridge')).toThrow(UserError);
  });
});
