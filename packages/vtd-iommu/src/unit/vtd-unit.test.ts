import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry } from '../tables/context-entry.ts';
import { UnitFixture } from '../testing/unit-fixture.ts';

const TE = 0x8000_0000;
const nic = 0x0100;

function running(): UnitFixture {
  const fixture = new UnitFixture();
  const root = fixture.rootTable();
  const table = fixture.pageTable(4);
  table.map(0xffff_f000, 0x1234_5000, 4096, { read: true, write: false });
  table.map(0xffff_0000, 0x2222_0000, 4096, { read: true, write: true });
  root.setContext(nic, contextEntry({ pageTable: table.root, levels: 4, domainId: 7 }));
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
    expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(0xc000_0000);
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

  test('a stale shadow of GCMD switches translation off', () => {
    const fixture = running();
    fixture.gcmd = 0;
    fixture.setRoot(fixture.rootTable().address);
    expect(fixture.unit.readRegister32(registerOffset.GSTS) & TE).toBe(0);
    expect(fixture.dma(nic, 0xffff_f000).untranslated).toBe(true);
  });
});
