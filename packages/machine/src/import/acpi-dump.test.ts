import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { preset } from '../presets/presets.ts';
import { acpiTable, parseAcpiDump } from './acpi-dump.ts';

const file = 'acpidump.txt';
const dmar = hexToBytes(preset('server-2012').dmar as string) as Uint8Array;

/** Text of acpidump. The column behind the bytes is full of what looks like bytes. */
function dumpOf(signature: string, bytes: Uint8Array): string {
  const lines = [`${signature} @ 0x00000000BF7E0000`];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)].map((byte) =>
      byte.toString(16).padStart(2, '0').toUpperCase(),
    );
    lines.push(`    ${at.toString(16).padStart(4, '0')}: ${row.join(' ').padEnd(47)}  AB CD EF 01 02 03`);
  }
  return `${lines.join('\n')}\n\n`;
}

describe('parseAcpiDump', () => {
  it('reads a table from the text, and not the characters beside it', () => {
    const dump = parseAcpiDump(
      dumpOf(
        'FACP',
        dmar.map((byte, i) => (i < 4 ? 65 : byte)),
      ) + dumpOf('DMAR', dmar),
      { file },
    );
    expect(dump.tables.map((one) => one.signature)).toEqual(['FACP', 'DMAR']);
    expect(acpiTable(dump, 'DMAR')?.bytes).toEqual(dmar);
    expect(dump.notes).toEqual([]);
  });

  it('passes the root pointer over, which has no length', () => {
    const pointer = dumpOf('RSD PTR', new Uint8Array(36).fill(0x20));
    const dump = parseAcpiDump(dumpOf('DMAR', dmar) + pointer + dumpOf('MCFG', dmar), { file });
    expect(dump.tables.map(({ bytes }) => bytes)).toEqual([dmar, dmar]);
    expect(dump.notes).toEqual([]);
  });

  it('reads bytes of a file with text, with either line ending', () => {
    const text = dumpOf('DMAR', dmar).replaceAll('\n', '\r\n');
    expect(acpiTable(parseAcpiDump(new TextEncoder().encode(text), { file }), 'DMAR')?.bytes).toEqual(dmar);
  });

  it('reads a binary table', () => {
    expect(parseAcpiDump(dmar, { file })).toEqual({
      tables: [{ signature: 'DMAR', bytes: dmar }],
      notes: [],
    });
  });

  it('keeps what there is of a binary table that says to be longer', () => {
    const lying = dmar.map((byte, i) => (i === 5 ? 0x7f : byte));
    const { tables, notes } = parseAcpiDump(lying, { file });
    expect(tables).toEqual([{ signature: 'DMAR', bytes: lying }]);
    expect(notes).toMatchObject([
      { file, offset: 4, message: expect.stringContaining('cut short') as string },
    ]);
  });

  it('reads several binary tables behind each other, up to what is none', () => {
    const mcfg = dmar.map((byte, i) => (i < 4 ? 'MCFG'.charCodeAt(i) : byte));
    const { tables, notes } = parseAcpiDump(Uint8Array.from([...mcfg, ...dmar, 1, 2, 3, 4, 5, 6, 7, 8]), {
      file,
    });
    expect(tables).toEqual([
      { signature: 'MCFG', bytes: mcfg },
      { signature: 'DMAR', bytes: dmar, offset: mcfg.length },
    ]);
    expect(notes).toMatchObject([
      { offset: 2 * dmar.length, message: expect.stringContaining('8 bytes') as string },
    ]);
    const { tables: sound, notes: broken } = parseAcpiDump(
      Uint8Array.from([...mcfg, ...dmar.map((byte, i) => (i === 4 ? 7 : i === 5 ? 0 : byte))]),
      { file },
    );
    expect(sound).toHaveLength(1);
    expect(broken).toMatchObject([{ offset: mcfg.length + 4 }]);
  });

  it('joins rows that a mail wrapped, and strips its quoting', () => {
    const wrapped = dumpOf('DMAR', dmar)
      .split('\n')
      .map((line, i) =>
        i > 0 && i < 5 ? `> ${line.slice(0, 40).trimEnd()}\n> ${line.slice(40)}` : `> ${line}`,
      );
    const { tables, notes } = parseAcpiDump(wrapped.join('\n'), { file });
    expect(tables[0]?.bytes).toEqual(dmar);
    expect(notes.map((one) => one.message)).toEqual(Array(4).fill('table DMAR: a wrapped row is joined'));
  });

  it.each([
    ['hexdump -C', 1, '  ', (at: number) => (at === 8 ? '  ' : ' '), '  |................|'],
    ['xxd', 2, ': ', () => ' ', '  ................'],
    ['od -A x -t x1', 1, ' ', () => ' ', ''],
  ] as const)('reads the rows of %s', (_, group, colon, blank, tail) => {
    const lines: string[] = [];
    for (let at = 0; at < dmar.length; at += 16) {
      let line = at.toString(16).padStart(8, '0') + colon;
      for (const [index, byte] of dmar.subarray(at, at + 16).entries()) {
        if (index > 0 && index % group === 0) line += blank(index);
        line += byte.toString(16).padStart(2, '0');
      }
      lines.push(line + tail);
    }
    lines.push(dmar.length.toString(16).padStart(8, '0'));
    expect(parseAcpiDump(lines.join('\n'), { file })).toEqual({
      tables: [{ signature: 'DMAR', bytes: dmar, line: 1 }],
      notes: [],
    });
  });

  it('repeats rows that hexdump shows as a star', () => {
    const table = new Uint8Array(0x60);
    table.set(dmar.subarray(0, 16));
    table[4] = 0x60;
    table[5] = 0;
    const first = [...table.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = `00000000  ${first}\n00000010  ${'00 '.repeat(16)}\n*\n00000060\n`;
    expect(acpiTable(parseAcpiDump(text, { file }), 'DMAR')?.bytes).toEqual(table);
  });

  it('says that a table was cut short', () => {
    const { tables, notes } = parseAcpiDump(dumpOf('DMAR', dmar.subarray(0, 64)), { file });
    expect(tables[0]?.bytes).toHaveLength(64);
    expect(notes).toEqual([
      { file, line: 1, message: `table DMAR is cut short: 64 of ${dmar.length} bytes` },
    ]);
  });

  it('fills a missing row with zeros, and says so', () => {
    const lines = dumpOf('DMAR', dmar).split('\n');
    lines.splice(3, 1);
    const { tables, notes } = parseAcpiDump(lines.join('\n'), { file });
    expect(tables[0]?.bytes.subarray(0x20, 0x30)).toEqual(new Uint8Array(16));
    expect(tables[0]?.bytes.subarray(0x30)).toEqual(dmar.subarray(0x30));
    expect(notes[0]?.message).toMatch('0x20 to 0x30');
  });

  it.each([
    ['nothing', '', 'ACPI_EMPTY'],
    ['other text', 'DMAR: Host address width 39\n', 'ACPI_EMPTY'],
    ['a binary table of length 0', dmar.map((byte, i) => (i === 4 || i === 5 ? 0 : byte)), 'ACPI_LENGTH'],
  ])('refuses %s', (_, input, code) => {
    expect(() => parseAcpiDump(input, { file })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('reads, or refuses with a typed error, whatever is done to a dump', () => {
    const text = dumpOf('DMAR', dmar);
    fc.assert(
      fc.property(fc.nat({ max: text.length }), fc.nat({ max: 60 }), fc.string(), (at, cut, foreign) => {
        try {
          parseAcpiDump(text.slice(0, at) + foreign + text.slice(at + cut), { file });
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  it('does not make a table as long as a hostile offset says', () => {
    const { tables, notes } = parseAcpiDump('DMAR @ 0x0\n  0000: 44 4D 41 52 00 00 00 00\n  FFFFFFF0: 01\n', {
      file,
    });
    expect(tables[0]?.bytes.length).toBe(8);
    const many = '  100000: 01\n  1fffff: 01\n'.repeat(50);
    expect(
      parseAcpiDump(`DMAR @ 0x0\n  0000: 44 4D 41 52 00 00 00 7F\n${many}`, { file }).tables[0]?.bytes.length,
    ).toBeLessThan(0x20_0000);
    expect(notes[0]?.message).toMatch('too high');
  });

  it('takes text for text where the address of its first heading was lost', () => {
    const text =
      'FACP\n  0000: 46 41 43 50 24 00 00 00\n\nDMAR @ 0x000000007ffd0000\n  0000: 44 4d 41 52 30 00 00 00\n';
    const { tables } = parseAcpiDump(new TextEncoder().encode(text), { file: 'acpidump' });
    expect(tables.map((one) => [one.signature, one.line])).toEqual([['DMAR', 4]]);
  });
});
