import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { writeWords } from '../tables/entry-words.ts';
import { postedInterruptEntry, remappedInterruptEntry } from '../tables/interrupt-entry.ts';
import { compatibilityMessage, remappableMessage } from '../tables/interrupt-message.ts';
import {
  invalidateAllInterruptEntries,
  invalidateInterruptEntries,
} from '../tables/invalidation-descriptor.ts';
import { interruptTableRegister } from '../tables/table-registers.ts';
import { scalableCapability, testExtendedCapability, UnitFixture } from '../testing/unit-fixture.ts';

const SIRTP = 0x0100_0000;
const IRE = 0x0200_0000;
const CFI = 0x0080_0000;
const nic = 0x0418;
const table = 0x30_0000;

function setup(extended = true, entries = 256): UnitFixture {
  const fixture = new UnitFixture({
    capability: scalableCapability,
    extendedCapability: testExtendedCapability,
  });
  const { low, high } = interruptTableRegister(table, entries, extended);
  fixture.unit.writeWide(registerOffset.IRTA, low, high);
  fixture.command(SIRTP);
  fixture.enable(IRE);
  return fixture;
}

function set(fixture: UnitFixture, index: number, words: readonly number[]): void {
  writeWords(fixture.memory, table + 16 * index, words, 0);
}

const entry = remappedInterruptEntry({
  vector: 0x41,
  destination: 0x1_0005,
  extended: true,
  sourceValidation: 1,
  sourceId: nic,
});

function send(fixture: UnitFixture, handle: number, subhandle?: number, requesterId = nic) {
  const { address, data } = remappableMessage(handle, subhandle);
  return fixture.interrupt(requesterId, address, data);
}

describe('interrupt remapping', () => {
  test('is off until IRE: messages mean what they say', () => {
    const fixture = new UnitFixture();
    const { address, data } = compatibilityMessage(3, 0x52);
    expect(fixture.interrupt(nic, address, data)).toMatchObject({
      delivered: true,
      vector: 0x52,
      destination: 3,
    });
  });

  test('looks up handle and subhandle', () => {
    const fixture = setup();
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(SIRTP | IRE);
    set(fixture, 37, entry);
    const expected = { delivered: true, vector: 0x41, destination: 0x1_0005, reason: 0, index: 37 };
    expect(send(fixture, 37)).toEqual(expected);
    expect(send(fixture, 32, 5)).toEqual(expected);
  });

  test('IRTA takes effect with SIRTP alone', () => {
    const fixture = setup();
    set(fixture, 1, entry);
    fixture.unit.writeWide(registerOffset.IRTA, 0x40_0007, 0);
    expect(send(fixture, 1).delivered).toBe(true);
    fixture.command(SIRTP);
    expect(send(fixture, 2).reason).toBe(0x22);
  });

  test('xAPIC destinations stand in bits 47:40', () => {
    const fixture = setup(false);
    set(fixture, 1, remappedInterruptEntry({ vector: 0x30, destination: 0x12 }));
    expect(send(fixture, 1)).toMatchObject({ delivered: true, destination: 0x12 });
  });
});

describe('fault reasons of interrupt requests', () => {
  test('0x20 reserved bits of the message', () => {
    const fixture = setup();
    const { address } = remappableMessage(1);
    expect(fixture.interrupt(nic, address, 1)).toMatchObject({ delivered: false, reason: 0x20 });
    expect(fixture.interrupt(nic, remappableMessage(1, 0).address, 0x1_0000).reason).toBe(0x20);
  });

  test('0x21 index beyond the table, with the index in the record', () => {
    const fixture = setup(true, 256);
    expect(send(fixture, 256)).toMatchObject({ delivered: false, reason: 0x21, index: 256 });
    expect(fixture.unit.readRegister32(0x200)).toBe(0);
    expect(fixture.unit.readRegister32(0x204)).toBe(256 << 16);
    expect(fixture.unit.readRegister32(0x208)).toBe(nic);
    expect(fixture.unit.readRegister32(0x20c)).toBe(0x8000_0021);
  });

  test('0x22 entry not present', () => {
    expect(send(setup(), 4).reason).toBe(0x22);
  });

  test('0x23 table where nothing is', () => {
    const fixture = setup();
    fixture.unit.writeWide(registerOffset.IRTA, 0x4000_0007, 0);
    fixture.command(SIRTP);
    expect(send(fixture, 0).reason).toBe(0x23);
  });

  test('0x24 reserved bits of the entry', () => {
    const fixture = setup();
    for (const [word, bits] of [
      [0, 0x1000],
      [2, 0x10_0000],
      [3, 1],
      [2, 0xc_0000],
    ] as const) {
      set(
        fixture,
        5,
        entry.map((value, i) => (i === word ? (value | bits) >>> 0 : value)),
      );
      expect(send(fixture, 5).reason).toBe(0x24);
    }
    const xapic = setup(false);
    set(xapic, 5, entry);
    expect(send(xapic, 5).reason).toBe(0x24);
  });

  test('0x25 compatibility form, unless CFI is on and EIME off', () => {
    const { address, data } = compatibilityMessage(3, 0x52);
    const fixture = setup(false);
    expect(fixture.interrupt(nic, address, data)).toMatchObject({ delivered: false, reason: 0x25 });
    fixture.enable(CFI);
    expect(fixture.interrupt(nic, address, data)).toMatchObject({ delivered: true, vector: 0x52 });
    const extended = setup(true);
    extended.enable(CFI);
    expect(extended.interrupt(nic, address, data).reason).toBe(0x25);
  });

  test('0x26 a source that the entry does not admit', () => {
    const fixture = setup();
    set(fixture, 6, entry);
    expect(send(fixture, 6, undefined, nic + 1).reason).toBe(0x26);
    for (const [qualifier, admitted] of [
      [0, 0],
      [1, 4],
      [2, 6],
      [3, 7],
    ] as const) {
      const words = remappedInterruptEntry({
        vector: 1,
        destination: 0,
        extended: true,
        sourceValidation: 1,
        sourceQualifier: qualifier,
        sourceId: nic,
      });
      set(fixture, 20 + qualifier, words);
      for (let bits = 0; bits < 8; bits++) {
        const expected = (bits & ~admitted) === 0 ? 0 : 0x26;
        expect(send(fixture, 20 + qualifier, undefined, nic ^ bits).reason).toBe(expected);
      }
    }
    set(
      fixture,
      7,
      remappedInterruptEntry({
        vector: 1,
        destination: 0,
        extended: true,
        sourceValidation: 2,
        sourceId: 0x0305,
      }),
    );
    expect([0x02ff, 0x0300, 0x05ff, 0x0600].map((id) => send(fixture, 7, undefined, id).reason)).toEqual([
      0x26, 0, 0, 0x26,
    ]);
  });

  test('FPD blocks without a record', () => {
    const fixture = setup();
    set(fixture, 8, [2, 0, 0, 0]);
    expect(send(fixture, 8)).toMatchObject({ delivered: false, reason: 0x22 });
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0);
  });
});

describe('posted interrupts', () => {
  const descriptor = 0x50_0040;
  const posted = postedInterruptEntry({ vector: 0x91, descriptor });

  test('set the request bit, and notify once', () => {
    const fixture = setup();
    set(fixture, 9, posted);
    fixture.memory.write32(descriptor + 32, 0x00f2_0000, 0);
    fixture.memory.write32(descriptor + 36, 7, 0);
    expect(send(fixture, 9)).toMatchObject({ delivered: true, vector: 0xf2, destination: 7 });
    expect(fixture.memory.read32(descriptor + 4 * 4)).toBe(1 << 17);
    expect(fixture.memory.read32(descriptor + 32)).toBe(0x00f2_0001);
    expect(send(fixture, 9)).toMatchObject({ delivered: false, reason: 0 });
  });

  test('are suppressed by SN unless urgent', () => {
    const fixture = setup();
    set(fixture, 9, posted);
    fixture.memory.write32(descriptor + 32, 0x00f2_0002, 0);
    expect(send(fixture, 9)).toMatchObject({ delivered: false, reason: 0 });
    set(fixture, 10, postedInterruptEntry({ vector: 0x91, descriptor, urgent: true }));
    expect(send(fixture, 10).delivered).toBe(true);
  });

  test('0x27 descriptor where nothing is, 0x28 reserved bits in it', () => {
    const fixture = setup();
    set(fixture, 9, postedInterruptEntry({ vector: 1, descriptor: 0x4000_0000 }));
    expect(send(fixture, 9).reason).toBe(0x27);
    set(fixture, 10, posted);
    fixture.memory.write32(descriptor + 32, 0x100, 0);
    expect(send(fixture, 10).reason).toBe(0x28);
  });
});

describe('the interrupt entry cache', () => {
  test('answers with the old entry until it is invalidated', () => {
    const fixture = setup();
    const queue = fixture.queue();
    set(fixture, 11, entry);
    set(fixture, 12, entry);
    send(fixture, 11);
    send(fixture, 12);
    set(fixture, 11, [0, 0, 0, 0]);
    set(fixture, 12, [0, 0, 0, 0]);
    expect(send(fixture, 11).delivered).toBe(true);
    queue.submit(invalidateInterruptEntries(11));
    expect(send(fixture, 11).reason).toBe(0x22);
    expect(send(fixture, 12).delivered).toBe(true);
    queue.submit(invalidateAllInterruptEntries());
    expect(send(fixture, 12).reason).toBe(0x22);
  });
});
