import { RunningHash } from '@quiesce/simulation';
import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry, PASS_THROUGH } from '../tables/context-entry.ts';
import { writeWords } from '../tables/entry-words.ts';
import { remappedInterruptEntry } from '../tables/interrupt-entry.ts';
import { remappableMessage } from '../tables/interrupt-message.ts';
import {
  scalableCapability,
  scalableExtendedCapability,
  testCapability,
  UnitFixture,
} from '../testing/unit-fixture.ts';

const TE = 0x8000_0000;
const SRTP = 0x4000_0000;
const QIE = 0x0400_0000;
const IRE = 0x0200_0000;
const nic = 0x0100;

function running(options: ConstructorParameters<typeof UnitFixture>[0] = {}): UnitFixture {
  const fixture = new UnitFixture(options);
  const root = fixture.rootTable();
  const table = fixture.pageTable(4);
  table.map(0xffff_f000, 0x1234_5000, 4096, { read: true, write: false });
  table.map(0xffff_0000, 0x2222_0000, 4096, { read: true, write: true });
  root.setContext(nic, contextEntry({ pageTable: table.root, levels: 4, domainId: 7 }));
  root.setContext(nic + 8, contextEntry({ translationType: PASS_THROUGH, levels: 5, domainId: 8 }));
  fixture.setRoot(root.address);
  fixture.enable(TE);
  return fixture;
}

describe('a unit in legacy mode', () => {
  test('passes requests on untouched until translation is enabled', () => {
    const fixture = new UnitFixture();
    expect(fixture.dma(nic, 0x5000)).toMatchObject({ allowed: true, address: 0x5000, untranslated: true });
  });

  test('translates through root, context and page tables', () => {
    const fixture = running();
    expect(fixture.dma(nic, 0xffff_f123)).toMatchObject({
      allowed: true,
      address: 0x1234_5123,
      validFor: 0xedd,
      untranslated: false,
      steady: false,
    });
    expect(fixture.dma(nic, 0xffff_f123).steady).toBe(true);
  });

  test('blocks and records a write to a read-only page', () => {
    const fixture = running();
    expect(fixture.dma(nic, 0xffff_f000, { write: true })).toMatchObject({ allowed: false, reason: 5 });
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(2);
    expect(fixture.unit.readRegister32(0x200)).toBe(0xffff_f000);
    expect(fixture.unit.readRegister32(0x208)).toBe(nic);
    expect(fixture.unit.readRegister32(0x20c)).toBe(0x8000_0005);
  });
});

describe('the global command register', () => {
  test('a stale shadow switches off what it does not restate', () => {
    const fixture = running();
    fixture.enable(QIE | IRE);
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe((TE | SRTP | QIE | IRE) >>> 0);
    // A kernel that starts from a zero shadow only means to set its root table.
    fixture.gcmd = 0;
    fixture.setRoot(fixture.rootTable().address);
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(SRTP);
    expect(fixture.dma(nic, 0xffff_f000).untranslated).toBe(true);
  });

  test('reads as 0', () => {
    expect(running().unit.readRegister32(registerOffset.GCMD)).toBe(0);
  });

  test('RTADDR takes effect with SRTP alone', () => {
    const fixture = running();
    fixture.unit.writeWide(registerOffset.RTADDR, 0x40_0000, 0);
    fixture.unit.writeWide(registerOffset.CCMD, 0, 0xa000_0000);
    expect(fixture.dma(nic, 0xffff_f000).allowed).toBe(true);
    fixture.command(SRTP);
    fixture.unit.writeWide(registerOffset.CCMD, 0, 0xa000_0000);
    expect(fixture.dma(nic, 0xffff_f000).reason).toBe(1);
  });

  test('halves of RTADDR may be written in any order', () => {
    const fixture = new UnitFixture();
    fixture.unit.writeRegister32(registerOffset.RTADDR + 4, 0x12);
    fixture.unit.writeRegister32(registerOffset.RTADDR, 0x3456_7fff);
    expect(fixture.unit.readWide(registerOffset.RTADDR)).toEqual({ low: 0x3456_7000, high: 0x12 });
  });

  test('commands of features that the unit lacks do nothing', () => {
    const fixture = new UnitFixture({ extendedCapability: { low: 0x3000, high: 0 } });
    fixture.command(0x3d80_0000);
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(0);
  });

  test('the table mode stays while translation is on, and the mistake is counted', () => {
    const fixture = running({
      capability: scalableCapability,
      extendedCapability: scalableExtendedCapability,
    });
    const root = fixture.unit.readWide(registerOffset.RTADDR).low;
    fixture.setRoot(root, 1);
    expect(fixture.unit.softwareErrors).toBe(1);
    expect(fixture.dma(nic, 0xffff_f000).address).toBe(0x1234_5000);
  });

  test('abort-DMA mode refuses everything and records nothing', () => {
    const fixture = new UnitFixture({
      capability: scalableCapability,
      extendedCapability: scalableExtendedCapability,
    });
    fixture.setRoot(0, 3);
    fixture.enable(TE);
    expect(fixture.dma(nic, 0x1000)).toMatchObject({ allowed: false, reason: 0, steady: true });
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0);
  });
});

describe('protected memory regions', () => {
  const capability = { low: testCapability.low | 0x60, high: testCapability.high };

  function guarded(): UnitFixture {
    const fixture = running({ capability });
    fixture.unit.writeRegister32(registerOffset.PLMBASE, 0x0020_0000);
    fixture.unit.writeRegister32(registerOffset.PLMLIMIT, 0x0040_0000);
    fixture.unit.writeWide(registerOffset.PHMBASE, 0, 1);
    fixture.unit.writeWide(registerOffset.PHMLIMIT, 0, 1);
    fixture.unit.writeRegister32(registerOffset.PMEN, 0x8000_0000);
    return fixture;
  }

  test('refuse untranslated and pass-through requests without a fault', () => {
    const fixture = guarded();
    expect(fixture.unit.readRegister32(registerOffset.PMEN)).toBe(0x8000_0001);
    const allowed = (address: number) => fixture.dma(nic + 8, address).allowed;
    for (const enabled of [true, false]) {
      if (!enabled) fixture.disable(TE);
      expect([0x1f_fffc, 0x20_0000, 0x5f_fffc, 0x60_0000].map(allowed)).toEqual([true, false, false, true]);
      expect([2 ** 32 - 4, 2 ** 32, 2 ** 32 + 0x1f_fffc, 2 ** 32 + 0x20_0000].map(allowed)).toEqual([
        true,
        false,
        false,
        true,
      ]);
      expect(fixture.dma(nic + 8, 0x1f_fffe, { length: 4 }).allowed).toBe(false);
    }
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0);
  });

  test('do not touch translated requests, and end with EPM', () => {
    const fixture = guarded();
    expect(fixture.dma(nic, 0xffff_f000).allowed).toBe(true);
    fixture.unit.writeRegister32(registerOffset.PMEN, 0);
    expect(fixture.unit.readRegister32(registerOffset.PMEN)).toBe(0);
    expect(fixture.dma(nic + 8, 0x20_0000).allowed).toBe(true);
  });

  test('a limit below its base is no region', () => {
    const fixture = guarded();
    fixture.unit.writeRegister32(registerOffset.PLMLIMIT, 0);
    expect(fixture.dma(nic + 8, 0x20_0000).allowed).toBe(true);
  });
});

describe('state', () => {
  const digest = (fixture: UnitFixture): string => {
    const hash = new RunningHash();
    fixture.unit.hashInto(hash);
    return hash.digest();
  };

  test('restored, it behaves and hashes as before, stale entries and all', () => {
    const fixture = running();
    writeWords(fixture.memory, 0x30_0000, remappedInterruptEntry({ vector: 9, destination: 1 }), 0);
    fixture.unit.writeWide(registerOffset.IRTA, 0x30_0007, 0);
    fixture.command(0x0100_0000);
    fixture.enable(IRE);
    const { address, data } = remappableMessage(0);
    fixture.interrupt(nic, address, data);
    fixture.dma(nic, 0xffff_f000);
    fixture.dma(nic, 0x1000);
    const before = digest(fixture);
    const state = structuredClone(fixture.unit.snapshot());

    fixture.memory.write32(0x30_0000, 0, 0);
    fixture.unit.reset('cold');
    expect(digest(fixture)).not.toBe(before);
    expect(fixture.dma(nic, 0xffff_f000).untranslated).toBe(true);

    fixture.unit.restore(state);
    expect(digest(fixture)).toBe(before);
    expect(fixture.dma(nic, 0xffff_f000)).toMatchObject({ address: 0x1234_5000, steady: true });
    expect(fixture.interrupt(nic, address, data)).toMatchObject({ delivered: true, vector: 9 });
    fixture.dma(nic, 0x2000);
    expect(fixture.unit.readRegister32(0x21c)).toBe(0xc000_0006);
  });

  test('a warm reset keeps the fault log, a cold one does not', () => {
    const fixture = running();
    fixture.dma(nic, 0x1000);
    fixture.unit.reset('conventional');
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(0);
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(2);
    expect(fixture.unit.readRegister32(0x20c)).toBe(0xc000_0006);
    expect(fixture.unit.readWide(registerOffset.CAP)).toEqual(testCapability);
    fixture.unit.reset('cold');
    expect(fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0);
    expect(fixture.unit.readRegister32(0x20c)).toBe(0);
    expect(fixture.unit.readWide(registerOffset.CAP)).toEqual(testCapability);
  });
});
