import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { haveShared, sharedFolder } from '../testing/captures.ts';
import { acpiTable, parseAcpiDump } from './acpi-dump.ts';
import { hasRightSum } from './acpi-table-bytes.ts';

const file = 'dmar.dsl';

/** As iasl of 2020 prints a table of one unit with one function. */
const text = `/*
 * Disassembly of dmar.dat
 */

[000h 0000   4]                    Signature : "DMAR"    [DMA Remapping table]
[004h 0004   4]                 Table Length : 00000048
[008h 0008   1]                     Revision : 01
[009h 0009   1]                     Checksum : B9
[00Ah 0010   6]                       Oem ID : "QUIET "
[010h 0016   8]                 Oem Table ID : "LAB"
[018h 0024   4]                 Oem Revision : 00000001
[01Ch 0028   4]              Asl Compiler ID : "TEST"
[020h 0032   4]        Asl Compiler Revision : 00000001

[024h 0036   1]           Host Address Width : 26
[025h 0037   1]                        Flags : 01
[026h 0038  10]                     Reserved : 00 00 00 00 00 00 00 00 00 00

[030h 0048   2]                Subtable Type : 0000 [Hardware Unit Definition]
[032h 0050   2]                       Length : 0018

[034h 0052   1]                        Flags : 00
[035h 0053   1]                     Reserved : 00
[036h 0054   2]           PCI Segment Number : 0000
[038h 0056   8]        Register Base Address : 00000000FED90000

[040h 0064   1]            Device Scope Type : 01 [PCI Endpoint Device]
[041h 0065   1]                 Entry Length : 08
[042h 0066   2]                     Reserved : 0000
[044h 0068   1]               Enumeration ID : 00
[045h 0069   1]               PCI Bus Number : 00

[046h 0070   2]                     PCI Path : 02,00
`;

const bytes = Uint8Array.from([
  ...[0x44, 0x4d, 0x41, 0x52, 0x48, 0, 0, 0, 1, 0xb9, 0x51, 0x55, 0x49, 0x45, 0x54, 0x20],
  ...[0x4c, 0x41, 0x42, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x54, 0x45, 0x53, 0x54, 1, 0, 0, 0, 0x26, 1],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x18, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0],
  ...[1, 8, 0, 0, 0, 0, 2, 0],
]);

/** Rows as iasl puts them behind the fields. */
function rawOf(table: Uint8Array): string {
  let rows = `\nRaw Table Data: Length ${table.length}\n\n`;
  for (let at = 0; at < table.length; at += 16) {
    const row = [...table.subarray(at, at + 16)].map((byte) =>
      byte.toString(16).padStart(2, '0').toUpperCase(),
    );
    rows += `    ${at.toString(16).padStart(4, '0')}: ${row.join(' ').padEnd(47)}  // ........\n`;
  }
  return rows;
}

describe('the output of iasl', () => {
  it('gives the table again, from its fields alone', () => {
    expect(hasRightSum(bytes)).toBe(true);
    expect(parseAcpiDump(text, { file })).toEqual({
      tables: [{ signature: 'DMAR', bytes, line: 5 }],
      notes: [],
    });
  });

  it('gives the table again in the form of 2023, in a quoted mail, and twice in one file', () => {
    const recent = text.replace(
      / {1,3}(\d+)\]/g,
      (_, length: string) => ` ${Number(length).toString(16).padStart(3, '0')}h]`,
    );
    expect(recent).toContain('[026h 0038 00ah]');
    expect(acpiTable(parseAcpiDump(recent, { file }), 'DMAR')?.bytes).toEqual(bytes);
    const quoted = text.replace(/^/gm, '> ');
    expect(acpiTable(parseAcpiDump(quoted, { file }), 'DMAR')?.bytes).toEqual(bytes);
    expect(parseAcpiDump(text + rawOf(bytes) + recent, { file }).tables.map((one) => one.bytes)).toEqual([
      bytes,
      bytes,
    ]);
  });

  it('believes the raw data more than the fields', () => {
    const other = bytes.slice();
    other[0x24] = 0x2f;
    const { tables, notes } = parseAcpiDump(text + rawOf(other), { file });
    expect(tables[0]?.bytes).toEqual(other);
    expect(notes).toEqual([
      { file, line: 5, message: 'table DMAR: 1 bytes differ from the raw data at its end, which are used' },
    ]);
  });

  it('says which line is damaged, and that bytes are missing', () => {
    const { tables, notes } = parseAcpiDump(text.replace('[038h 0056   8]', '[038h 0057   8]'), { file });
    expect(tables[0]?.bytes).toHaveLength(72);
    expect(notes.map(({ line, message }) => [line, message])).toEqual([
      [25, 'damaged line of iasl, not used'],
      [5, expect.stringMatching(/^table DMAR: 8 bytes have no line and are taken as zero, but the checksum/)],
    ]);
    const short = parseAcpiDump(text.replace('00000000FED90000', '00000000FED9'), { file });
    expect(short.notes[0]).toMatchObject({ line: 25, message: 'no value of 8 bytes: "00000000FED9"' });
  });

  it('is read, or refused with a typed error, whatever is done to it', () => {
    const whole = text + rawOf(bytes);
    const edit = fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: 60 }), fc.string());
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let damaged = whole;
        for (const [at, cut, foreign] of edits)
          damaged = damaged.slice(0, at) + foreign + damaged.slice(at + cut);
        try {
          parseAcpiDump(damaged, { file });
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

const haveIasl = spawnSync('iasl', ['-v']).status === 0;

describe.skipIf(!haveIasl || !haveShared)(
  'what iasl makes of captured tables (skipped without iasl or ../shared)',
  () => {
    const folder = haveIasl ? mkdtempSync(`${tmpdir()}/quiesce-iasl-`) : '';
    afterAll(() => rmSync(folder, { recursive: true }));

    it('gives every tenth table again, byte for byte, with and without the raw data', () => {
      const captures = `${sharedFolder}/real-captures/dmar`;
      const names = readdirSync(captures).filter((name) => name.endsWith('.dat') && !name.includes('('));
      for (const name of names.filter((_, index) => index % 10 === 0)) {
        const table = new Uint8Array(readFileSync(`${captures}/${name}`));
        execFileSync('iasl', ['-p', `${folder}/table`, '-d', `${captures}/${name}`], { stdio: 'ignore' });
        const dsl = readFileSync(`${folder}/table.dsl`, 'latin1');
        expect(parseAcpiDump(dsl, { file: name }), name).toMatchObject({
          tables: [{ bytes: table }],
          notes: [],
        });
        const fields = dsl.slice(0, dsl.indexOf('Raw Table Data'));
        const read = parseAcpiDump(fields, { file: name });
        // Text fields end at their first zero, and some lines have no offset: then the checksum says so.
        if (read.notes.length === 0) expect(read.tables[0]?.bytes, name).toEqual(table);
      }
    });
  },
);
