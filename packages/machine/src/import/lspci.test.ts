import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../build/config-bytes.ts';
import { preset } from '../presets/presets.ts';
import { capturedMachines, haveShared } from '../testing/captures.ts';
import { maxInputBytes } from './input-limits.ts';
import { type LspciDump, type LspciFunction, parseLspci, parseLspciStream } from './lspci.ts';

const file = 'lspci.txt';
const parse = (text: string): LspciDump => parseLspci(text, { file });
const only = (text: string): LspciFunction => parse(text).functions[0] as LspciFunction;

/** Rows as `lspci -xxx` prints them, of bytes that count up. */
function rows(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, row) => {
    const offset = (from + row) * 16;
    const bytes = Array.from({ length: 16 }, (_, i) => hex2((offset + i) & 0xff));
    return `${offset.toString(16).padStart(2, '0')}: ${bytes.join(' ')}`;
  });
}

const hex2 = (value: number): string => value.toString(16).padStart(2, '0');
const head = '00:1f.2 SATA controller: Intel Corporation Device 2922';
const dump = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const counting = (size: number): string => bytesToHex(Uint8Array.from({ length: size }, (_, i) => i & 0xff));
const errorOf = (run: () => unknown): UserError => {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('parseLspci', () => {
  it.each([
    [4, 64],
    [16, 256],
    [256, 4096],
  ])('reads %i rows as a space of %i bytes', (count, size) => {
    const one = only(dump([head, ...rows(count)]));
    expect(bytesToHex(one.bytes)).toBe(counting(size));
    expect(one.missing).toEqual([]);
    expect(one).toMatchObject({ name: '0000:00:1f.2', bus: 0, device: 0x1f, fn: 2, line: 1 });
    expect(one.label).toBe('SATA controller: Intel Corporation Device 2922');
  });

  it('takes domains of four and of five digits, and none', () => {
    const names = parse(
      dump([
        '10000:e0:06.0 Bridge',
        ...rows(4),
        '0001:02:00.1 Bridge',
        ...rows(4),
        '80:14.0 Bridge',
        ...rows(4),
      ]),
    ).functions.map((one) => one.name);
    expect(names).toEqual(['10000:e0:06.0', '0001:02:00.1', '0000:80:14.0']);
  });

  it('takes sizes of regions and the driver from the verbose text', () => {
    const one = only(
      dump([
        head,
        '\tRegion 0: Memory at fe080000 (32-bit, non-prefetchable) [size=128K]',
        '\tRegion 2: I/O ports at e040 [size=32]',
        '\tRegion 3: Memory at 6000000000 (64-bit, prefetchable) [virtual] [size=16G]',
        '\tExpansion ROM at fe000000 [disabled] [size=256K]',
        '\tKernel driver in use: ahci',
        ...rows(4),
      ]),
    );
    const sizes = [0x2_0000, undefined, 32, 16 * 2 ** 30, undefined, undefined];
    expect(one.regionSizes).toEqual(sizes);
    expect(one.kernelDriver).toBe('ahci');
  });

  it('finds the region of a size that -v gives without an index', () => {
    const one = only(
      dump([
        head,
        '\tMemory at d4080000 (32-bit, non-prefetchable) [size=16K]',
        '\tMemory at 383fe0000000 (64-bit, prefetchable) [size=256M]',
        '\tI/O ports at 6000 [size=128]',
        '00: de 10 f7 10 06 01 10 00 a1 00 03 04 08 00 80 00',
        '10: 00 00 08 d4 0c 00 00 e0 3f 38 00 00 01 60 00 00',
        ...rows(2, 2),
      ]),
    );
    expect(one.regionSizes).toEqual([0x4000, 0x1000_0000, undefined, 128, undefined, undefined]);
  });

  it('does not take the upper half of a 64-bit BAR for a BAR', () => {
    const one = only(
      dump([
        head,
        '\tMemory at d4080000 (32-bit, non-prefetchable) [size=16K]',
        '00: de 10 f7 10 06 01 10 00 a1 00 03 04 08 00 80 00',
        '10: 0c 00 00 e0 00 00 08 d4 00 00 08 d4 00 00 00 00',
        ...rows(2, 2),
      ]),
    );
    expect(one.regionSizes.slice(0, 3)).toEqual([undefined, undefined, 0x4000]);
  });

  it('ends lines as Windows does, quotes and indents as mail does', () => {
    const lines = [head, ...rows(16)];
    const plain = parse(dump(lines)).functions;
    expect(parse(lines.join('\r\n')).functions).toEqual(plain);
    expect(parse(dump(lines.map((line) => `> ${line}`))).functions).toEqual(plain);
    expect(parse(dump(lines.map((line) => `> > ${line} `))).functions).toEqual(plain);
    expect(parse(dump(lines.map((line) => `    ${line}`))).functions).toEqual(plain);
    expect(parse(dump(lines.map((line) => `"${line}"`))).functions).toEqual(plain);
  });

  it('has nothing to say of a clean dump', () => {
    expect(parse(dump([head, ...rows(256)])).notes).toEqual([]);
  });

  it('puts a wrapped row together', () => {
    const lines = rows(16);
    const [row] = lines as [string];
    lines.splice(0, 1, row.slice(0, 27).trim(), row.slice(28));
    const { functions, notes } = parse(dump([head, ...lines]));
    expect(bytesToHex((functions[0] as LspciFunction).bytes)).toBe(counting(256));
    expect(notes).toHaveLength(1);
  });

  it.each([4, 5, 6, 19, 20, 50])('finds the rest of a row after text spliced in at column %i', (column) => {
    const lines = rows(16);
    const row = lines[5] as string;
    const message = 'pcilib: sysfs_read_vpd: read failed: No such device';
    lines.splice(5, 1, row.slice(0, column) + message, row.slice(column));
    const { functions, notes } = parse(dump([head, ...lines]));
    const [one] = functions as [LspciFunction];
    expect(bytesToHex(one.bytes)).toBe(counting(256));
    expect(one.missing).toEqual([]);
    expect(notes.length).toBeGreaterThan(0);
    expect(notes[0]).toMatchObject({ file, line: 7 });
  });

  it('finds a row whose label was cut by spliced-in text', () => {
    const lines = rows(32);
    const row = lines[31] as string;
    lines.splice(31, 1, `${row.slice(0, 1)}pcilib: sysfs_read_vpd: read failed`, row.slice(1));
    const [one] = parse(dump([head, ...lines])).functions as [LspciFunction];
    expect(one.missing).toEqual([{ start: 512, end: 4096 }]);
    expect(one.bytes[511]).toBe(0xff);
  });

  it('lists bytes that are missing, and where a row was cut', () => {
    const lines = rows(16);
    lines.splice(3, 1);
    lines[14] = (lines[14] as string).slice(0, 18);
    const { functions, notes } = parse(dump([head, ...lines]));
    expect(functions[0]?.missing).toEqual([
      { start: 0x30, end: 0x40 },
      { start: 0xf5, end: 0x100 },
    ]);
    expect(notes).toEqual([{ file, line: 16, message: '0000:00:1f.2: row f0 is cut short' }]);
  });

  it('keeps the first of two rows with one label, and says so', () => {
    const { functions, notes } = parse(
      dump([head, ...rows(16), '10: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff']),
    );
    expect(bytesToHex((functions[0] as LspciFunction).bytes)).toBe(counting(256));
    expect(notes.map((one) => one.message)).toEqual([
      '0000:00:1f.2: row 10 stands here again, with other bytes; the first is used',
    ]);
  });

  it('leaves out of what nothing is said, and says so', () => {
    const { functions, notes } = parse(dump(['00:00.0 Host bridge', head, ...rows(4)]));
    expect(functions).toHaveLength(1);
    const message =
      '0000:00:00.0 has neither bytes nor words that config space could be made of, and is left out';
    expect(notes).toEqual([{ file, line: 1, message }]);
  });

  it.each([
    [
      'the same bytes',
      rows(4),
      'has the same bytes in lines 1 and 7; what one lacks is taken from the other',
      64,
    ],
    [
      'different bytes',
      ['00: ff', ...rows(3, 1)],
      'has different bytes in lines 1 and 7; those of line 1 are used',
      64,
    ],
    [
      'more bytes',
      rows(16),
      'has the same bytes in lines 1 and 7; what one lacks is taken from the other',
      256,
    ],
  ])('merges a function that stands there twice, with %s', (_, again, message, size) => {
    const { functions, notes } = parse(dump([head, ...rows(4), '', head, ...again]));
    expect(functions).toHaveLength(1);
    expect(bytesToHex((functions[0] as LspciFunction).bytes)).toBe(counting(size));
    expect(notes.at(-1)).toEqual({ file, line: 7, message: `0000:00:1f.2 ${message}` });
  });

  it('says so where bytes and words disagree, and takes the bytes', () => {
    const numbered = '00:1f.2 SATA controller [0106]: Intel Corporation Device [8086:2922]';
    const { functions, notes } = parse(dump([numbered, ...rows(4)]));
    expect(functions[0]?.bytes.slice(0, 4)).toEqual(Uint8Array.of(0, 1, 2, 3));
    expect(notes.map((one) => one.message)).toEqual([
      '0000:00:1f.2 is of vendor 8086 in words, of 0100 in bytes; the bytes are used',
      '0000:00:1f.2 is of device 2922 in words, of 0302 in bytes; the bytes are used',
      '0000:00:1f.2 is of class 0106 in words, of 0b0a in bytes; the bytes are used',
    ]);
  });

  it.each([
    ['nothing', '', 'LSPCI_EMPTY'],
    ['other text', 'Dear list,\n\nmy machine hangs.\n', 'LSPCI_EMPTY'],
    ['zeros', '\0'.repeat(5000), 'LSPCI_EMPTY'],
    ['a heading that says nothing', dump(['00:1f.2 rubbish']), 'LSPCI_NO_FUNCTION'],
  ])('refuses %s', (_, text, code) => {
    const error = errorOf(() => parse(text));
    expect(error.code).toBe(code);
    expect(error.place.file).toBe(file);
    expect(error.expected).toBeDefined();
  });

  it('refuses what is too large, unread', () => {
    const huge = { length: maxInputBytes + 1 } as Uint8Array;
    expect(errorOf(() => parseLspci(huge, { file })).code).toBe('INPUT_TOO_LARGE');
  });

  it('bounds what it says of a hostile file', () => {
    const { notes } = parse(dump([head, ...rows(4), ...new Array<string>(100_000).fill('rubbish')]));
    expect(notes.length).toBeLessThan(1000);
    expect(notes.at(-1)?.message).toMatch('further notes');
  });
});

describe('parseLspciStream', () => {
  it('gives the same, however the text is cut into chunks', async () => {
    const text = dump([
      head,
      '\tKernel driver in use: ahci',
      ...rows(16),
      '',
      '01:00.0 Bridge',
      ...rows(256),
    ]);
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), async (lengths) => {
        async function* chunks(): AsyncIterable<Uint8Array> {
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = lengths[i % lengths.length] as number;
            yield bytes.subarray(at, at + length);
            at += length;
          }
        }
        expect(await parseLspciStream(chunks(), { file })).toEqual(parse(text));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a line that never ends', async () => {
    async function* chunks(): AsyncIterable<string> {
      for (let i = 0; i < 100; i++) yield 'x'.repeat(100_000);
    }
    await expect(parseLspciStream(chunks(), { file })).rejects.toMatchObject({ code: 'INPUT_LINE' });
  });
});

/** Text of a whole machine: a preset, printed as lspci would. */
function printed(name: string): string {
  return preset(name)
    .functions.map(({ name: place, config }) => {
      const lines = (config.match(/.{32}/g) as string[]).map((row, index) => {
        return `${hex2(index * 16)}: ${(row.match(/../g) as string[]).join(' ')}`;
      });
      return `${place} Device\n\tControl: I/O+\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** One damage to a text of lines: a character flipped, lines cut, repeated, moved, or foreign text spliced in. */
const damage = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'repeat', 'splice', 'truncate', 'swap'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  text: fc.string({ maxLength: 30 }),
});

function damaged(
  text: string,
  { kind, at, length, text: foreign }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): string {
  const position = at % (text.length + 1);
  const lines = text.split('\n');
  const line = at % lines.length;
  switch (kind) {
    case 'flip':
      return text.slice(0, position) + foreign.slice(0, 1) + text.slice(position + 1);
    case 'splice':
      return text.slice(0, position) + foreign + text.slice(position);
    case 'truncate':
      return text.slice(0, position);
    case 'cut':
      return lines.toSpliced(line, length).join('\n');
    case 'repeat':
      return lines.toSpliced(line, 0, ...lines.slice(line, line + length)).join('\n');
    default:
      return lines
        .toSpliced(line, 1)
        .toSpliced((line * 7) % lines.length, 0, lines[line] as string)
        .join('\n');
  }
}

function readsOrRefuses(text: string): void {
  try {
    const { functions } = parse(text);
    for (const one of functions) expect([64, 256, 4096]).toContain(one.bytes.length);
    expect(new Set(functions.map((one) => one.name)).size).toBe(functions.length);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
}

describe('damaged dumps', () => {
  it('are read, or refused with a typed error', () => {
    const text = printed('server-2012');
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (damages) => {
        readsOrRefuses(damages.reduce(damaged, text));
      }),
      { numRuns: 60 },
    );
  });

  it('may be anything', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), readsOrRefuses));
  });

  it.skipIf(!haveShared)('are read, or refused, if made of captures (../shared/real-captures)', () => {
    for (const { capture } of capturedMachines().slice(0, 3)) {
      const text = new TextDecoder().decode(capture.lspci);
      fc.assert(
        fc.property(damage, (one) => readsOrRefuses(damaged(text, one))),
        { numRuns: 20 },
      );
    }
  });
});

it('what a preset prints reads back as the preset', () => {
  const { functions, notes } = parse(printed('q35-lab'));
  expect(notes).toEqual([]);
  expect(functions.map((one) => [one.name, bytesToHex(one.bytes)])).toEqual(
    preset('q35-lab').functions.map((one) => [one.name, one.config]),
  );
});
