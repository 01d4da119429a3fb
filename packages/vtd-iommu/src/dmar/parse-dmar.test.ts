import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDmar } from './build-dmar.ts';
import { type Dmar, remappingUnits } from './dmar-table.ts';
import { parseDmar } from './parse-dmar.ts';
import { resolveScopeSet } from './resolve-scopes.ts';
import { isDamaged, soundDmar } from './sound-dmar.ts';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const captures = `${shared}real-captures/dmar/`;
const groundTruth = `${shared}ground-truth/DMAR.bin`;

const small: Dmar = {
  revision: 1,
  oemId: 'BOCHS ',
  oemTableId: 'BXPC    ',
  oemRevision: 1,
  creatorId: 'BXPC',
  creatorRevision: 1,
  hostAddressWidth: 0x26,
  flags: 1,
  structures: [
    {
      type: 'DRHD',
      flags: 0,
      segment: 0,
      registerBase: 0xfed9_0000,
      scopes: [
        { type: 1, enumerationId: 0, startBus: 0, path: [{ device: 2, fn: 0 }] },
        {
          type: 2,
          enumerationId: 0,
          startBus: 0,
          path: [
            { device: 0x1c, fn: 4 },
            { device: 0, fn: 0 },
          ],
        },
      ],
    },
    { type: 'DRHD', flags: 1, segment: 0, registerBase: 0xfed9_1000, scopes: [] },
    {
      type: 'RMRR',
      segment: 0,
      base: 0x7e00_0000,
      limit: 0x7e01_ffff,
      scopes: [{ type: 1, enumerationId: 0, startBus: 0, path: [{ device: 0x14, fn: 0 }] }],
    },
    { type: 'ATSR', flags: 1, segment: 0, scopes: [] },
    { type: 'RHSA', registerBase: 0xfed9_0000, proximityDomain: 1 },
    { type: 'ANDD', deviceNumber: 1, name: '\\_SB.PCI0.I2C0' },
    { type: 'SATC', flags: 1, segment: 0, scopes: [] },
    { type: 'SIDP', segment: 0, scopes: [] },
    { type: 'unknown', code: 9, body: new Uint8Array([1, 2, 3]) },
  ],
  notes: [],
};

function errorOf(bytes: Uint8Array): UserError {
  try {
    parseDmar(bytes, { file: 'dmar.dat' });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function changed(at: number, ...values: number[]): Uint8Array {
  const bytes = buildDmar(small);
  bytes.set(values, at);
  return bytes;
}

describe('parseDmar and buildDmar', () => {
  it('build what can be read again, with a right checksum', () => {
    const bytes = buildDmar(small);
    expect(bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0)).toBe(0);
    const read = parseDmar(bytes);
    expect(read.structures.map((one) => one.type)).toEqual(small.structures.map((one) => one.type));
    expect(remappingUnits(read)[0]).toMatchObject(small.structures[0] as object);
    expect(read.structures[2]).toMatchObject(small.structures[2] as object);
    expect(read.structures[5]).toMatchObject({ name: '\\_SB.PCI0.I2C0', deviceNumber: 1 });
    expect(read.notes).toEqual([
      { code: 'UNKNOWN_TYPE', offset: bytes.length - 7, message: 'structure of type 9 is kept as 7 bytes' },
    ]);
    expect(buildDmar(read)).toEqual(bytes);
  });

  it('keep a wrong checksum, and say what would be right', () => {
    const right = buildDmar(small)[9] as number;
    const read = parseDmar(changed(9, right ^ 0xff));
    expect(read.notes[0]).toMatchObject({ code: 'CHECKSUM', offset: 9 });
    expect(read.notes[0]?.message).toContain(right.toString(16));
    expect(buildDmar(read)[9]).toBe(right ^ 0xff);
  });

  it('name the file and the offset of what is wrong', () => {
    expect(errorOf(new Uint8Array())).toMatchObject({ code: 'DMAR_SIGNATURE', place: { offset: 0 } });
    expect(errorOf(changed(0, 0x46))).toMatchObject({ code: 'DMAR_SIGNATURE' });
    expect(errorOf(changed(0, 0x46)).message).toContain('dmar.dat, offset 0x0: signature "FMAR"');
    expect(errorOf(buildDmar(small).subarray(0, 40))).toMatchObject({
      code: 'DMAR_TRUNCATED',
      place: { offset: 40 },
    });
    expect(errorOf(buildDmar(small).subarray(0, 100))).toMatchObject({ code: 'DMAR_TRUNCATED' });
    expect(errorOf(changed(4, 47, 0, 0, 0))).toMatchObject({ code: 'DMAR_LENGTH', place: { offset: 4 } });
    expect(errorOf(changed(4, 0xff, 0xff, 0xff, 0xff))).toMatchObject({ code: 'DMAR_TOO_LARGE' });
  });

  it('do not read a structure of length 0 for ever', () => {
    expect(errorOf(changed(50, 0, 0))).toMatchObject({ code: 'DMAR_LENGTH', place: { offset: 50 } });
    expect(errorOf(changed(50, 8, 0))).toMatchObject({ code: 'DMAR_LENGTH', place: { offset: 50 } });
    expect(errorOf(changed(50, 0xff, 0xff))).toMatchObject({ code: 'DMAR_LENGTH', place: { offset: 50 } });
  });

  it('refuse device scopes of impossible lengths', () => {
    for (const length of [0, 4, 7, 200]) {
      expect(errorOf(changed(65, length)), `${length}`).toMatchObject({
        code: 'DMAR_SCOPE',
        place: { offset: 65 },
      });
    }
  });

  it('refuse two units at one place', () => {
    const [first] = small.structures;
    const bytes = buildDmar({ ...small, structures: [first as never, first as never] });
    expect(errorOf(bytes)).toMatchObject({ code: 'DMAR_OVERLAP', place: { offset: 48 + 34 + 8 } });
  });

  it('keep what is sound of a damaged table, the rest as bytes, if they are asked to', () => {
    const kept = (bytes: Uint8Array): Dmar => {
      const read = parseDmar(bytes, { damaged: 'keep' });
      expect(buildDmar(read)).toEqual(bytes);
      expect(isDamaged(read)).toBe(true);
      const sound = buildDmar(soundDmar(read));
      expect(isDamaged(parseDmar(sound))).toBe(false);
      expect(remappingUnits(parseDmar(sound)).length).toBe(remappingUnits(read).length);
      return read;
    };
    const notesOf = (read: Dmar): unknown[] => read.notes.map(({ code, offset }) => [code, offset]);
    const whole = buildDmar(small);
    // The unit at 48 has scopes at 64 and 72 and is followed by another at 82.
    const zero = kept(changed(82 + 2, 0, 0));
    expect(remappingUnits(zero).map((one) => one.scopes.length)).toEqual([2]);
    expect(zero.remainder?.slice(4)).toEqual(whole.slice(86));
    expect(notesOf(zero)).toEqual([
      ['CHECKSUM', 9],
      ['LENGTH', 84],
    ]);
    const scope = kept(changed(73, 200));
    expect(remappingUnits(scope).map((one) => one.scopes.length)).toEqual([1, 0]);
    expect(notesOf(scope)).toContainEqual(['SCOPE_LENGTH', 73]);
    const cut = kept(whole.slice(0, 90));
    expect(cut).toMatchObject({ statedLength: whole.length, remainder: whole.slice(82, 90) });
    expect(notesOf(cut)).toContainEqual(['LENGTH', 4]);
    const lying = kept(changed(4, 0xff, 0xff, 0xff, 0xff));
    expect(lying.structures.length).toBe(small.structures.length);
    const [first] = small.structures;
    const twice = kept(buildDmar({ ...small, structures: [first as never, first as never] }));
    expect(twice.structures.map((one) => one.type)).toEqual(['DRHD', 'unknown']);
    expect(notesOf(twice)).toContainEqual(['UNIT_OVERLAP', 48 + 34 + 8]);
    const odd = kept(changed(48 + 8, 0x11));
    expect(odd.structures.map((one) => one.type).slice(0, 2)).toEqual(['unknown', 'DRHD']);
    expect(notesOf(odd)).toContainEqual(['REGISTER_BASE', 56]);
    const short = kept(changed(50, 8, 0));
    expect(short.structures[0]).toMatchObject({ type: 'unknown', code: 0 });
    expect(() => parseDmar(new Uint8Array(40), { damaged: 'keep' })).toThrow(UserError);
  });

  it('note what is odd but readable', () => {
    const notesOf = (...structures: Dmar['structures']): string[] =>
      parseDmar(buildDmar({ ...small, structures })).notes.map((note) => note.code);
    const all = { type: 'DRHD', flags: 1, segment: 0, registerBase: 0x1000, scopes: [] } as const;
    expect(notesOf(all, { ...all, flags: 0, registerBase: 0x2000 })).toEqual(['INCLUDE_ALL_ORDER']);
    const rmrr = { type: 'RMRR', segment: 0, base: 0x1000, limit: 0x1fff, scopes: [] } as const;
    expect(notesOf(rmrr, rmrr)).toEqual(['RMRR_OVERLAP']);
    expect(notesOf({ ...rmrr, limit: 0x800 })).toEqual(['RMRR_RANGE']);
    const scope = { type: 7, enumerationId: 0, startBus: 0, path: [{ device: 40, fn: 0 }] };
    expect(notesOf({ ...all, scopes: [scope] })).toEqual(['SCOPE_TYPE', 'SCOPE_PATH']);
    const huge = new Uint8Array(12).fill(0xff);
    expect(notesOf({ type: 'unknown', code: 0, body: huge })).toEqual(['ADDRESS']);
    expect(parseDmar(new Uint8Array([...buildDmar(small), 1, 2])).notes.at(-1)?.code).toBe('TRAILING_BYTES');
  });

  it('give the same bytes again, or a typed error, whatever bytes there are', () => {
    const sources = [buildDmar(small)];
    if (existsSync(groundTruth)) sources.push(new Uint8Array(readFileSync(groundTruth)));
    for (const name of existsSync(captures) ? readdirSync(captures) : []) {
      if (name.endsWith('.dat')) sources.push(new Uint8Array(readFileSync(captures + name)));
    }
    const damage = fc.record({
      source: fc.integer({ min: 0, max: sources.length - 1 }),
      changes: fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 4, 6, 255))), {
        minLength: 1,
        maxLength: 8,
      }),
      cut: fc.option(fc.nat(400)),
    });
    fc.assert(
      fc.property(damage, ({ source, changes, cut }) => {
        const bytes = (sources[source] as Uint8Array).slice(0, cut ?? undefined);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        let read: Dmar;
        try {
          read = parseDmar(bytes, { damaged: 'keep' });
          expect(buildDmar(read)).toEqual(bytes);
          expect(isDamaged(parseDmar(buildDmar(soundDmar(read))))).toBe(false);
          read = parseDmar(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as UserError).code).toMatch(/^DMAR_/);
          expect((error as UserError).place.offset).toBeLessThanOrEqual(bytes.length);
          return;
        }
        expect(buildDmar(read)).toEqual(bytes);
      }),
      { numRuns: 800 },
    );
  });

  it.skipIf(!existsSync(captures))('read every captured table, and give the same bytes again', () => {
    const files = readdirSync(captures).filter((name) => name.endsWith('.dat'));
    expect(files.length).toBe(222);
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(captures + file));
      const read = parseDmar(bytes, { file });
      expect(buildDmar(read), file).toEqual(bytes);
      expect(parseDmar(bytes, { file, damaged: 'keep' }), file).toEqual(read);
      expect(remappingUnits(read).length, file).toBeGreaterThan(0);
    }
  });

  it.skipIf(!existsSync(captures))('lose no device scope of a captured table, whatever the machine', () => {
    const nothing = { hasFunction: () => false, busesBelow: () => undefined };
    const everything = { hasFunction: () => true, busesBelow: () => ({ first: 1, last: 2 }) };
    let platform = 0;
    for (const file of readdirSync(captures).filter((name) => name.endsWith('.dat'))) {
      const { structures } = parseDmar(new Uint8Array(readFileSync(captures + file)), { file });
      for (const one of structures) {
        if (!('scopes' in one)) continue;
        for (const topology of [nothing, everything]) {
          const set = resolveScopeSet(one.segment, one.scopes, topology);
          const pseudo = [...set.ioApics, ...set.hpets, ...set.acpiDevices];
          const resolved = [...set.functions, ...set.subtrees, ...pseudo, ...set.absent];
          expect(new Set(resolved.map(({ scope }) => scope)), file).toEqual(new Set(one.scopes));
          if (topology === nothing) platform += pseudo.length;
        }
      }
    }
    // 231 IO-APICs, 264 HPETs and 60 ACPI devices, counted by another program.
    expect(platform).toBe(555);
  });

  it.skipIf(!existsSync(`${captures}INDEX.tsv`))('count the structures that the index counts', () => {
    const lines = readFileSync(`${captures}INDEX.tsv`, 'utf8').trim().split('\n').slice(1);
    for (const line of lines) {
      const [file, size, counts] = line.split('\t') as [string, string, string];
      const bytes = new Uint8Array(readFileSync(captures + file));
      expect(bytes.length).toBe(Number(size));
      const found: Record<string, number> = {};
      for (const one of parseDmar(bytes).structures) found[one.type] = (found[one.type] ?? 0) + 1;
      expect(found, file).toEqual(JSON.parse(counts.replaceAll("'", '"')));
    }
  });

  it.skipIf(!existsSync(groundTruth))('read the table of the q35 machine', () => {
    const bytes = new Uint8Array(readFileSync(groundTruth));
    const read = parseDmar(bytes);
    expect(read).toMatchObject({ oemId: 'BOCHS ', hostAddressWidth: 0x26, flags: 1, notes: [] });
    const [unit] = remappingUnits(read);
    expect(unit).toMatchObject({ flags: 0, segment: 0, registerBase: 0xfed9_0000 });
    expect(unit?.scopes[0]).toMatchObject({ type: 3, startBus: 0xff, path: [{ device: 0, fn: 0 }] });
    expect(buildDmar(read)).toEqual(bytes);
  });
});
