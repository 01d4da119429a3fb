import { newInterruptOutcome, RunningHash } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { invalidateAllStreams, invalidateAllTranslations, invalidateAsid } from '../tables/command.ts';
import { abortStreamEntry, bypassStreamEntry } from '../tables/stream-entry.ts';
import { StreamTable } from '../tables/stream-table.ts';
import { streamTableRegisterValues } from '../tables/table-registers.ts';
import { CMDQEN, EVENTQEN, SMMUEN, UnitFixture } from '../testing/unit-fixture.ts';

const NIC = 0x0100;
const GBPA_ABORT = 0x10_0000;
const GBPA_UPDATE = 0x8000_0000;

describe('a disabled unit', () => {
  it('lets requests through untranslated', () => {
    const { unit } = new UnitFixture();
    expect(unit.enabled).toBe(false);
    expect(new UnitFixture().dma(NIC, 0x1234_5000)).toMatchObject({
      allowed: true,
      address: 0x1234_5000,
      untranslated: true,
      steady: true,
    });
  });

  it('refuses everything once GBPA says abort, and records nothing', () => {
    const fixture = new UnitFixture();
    fixture.write(registerOffset.GBPA, GBPA_ABORT);
    expect(fixture.dma(NIC, 0x1000).allowed, 'a write without UPDATE does not count').toBe(true);
    fixture.write(registerOffset.GBPA, (GBPA_ABORT | GBPA_UPDATE) >>> 0);
    expect(fixture.read(registerOffset.GBPA)).toBe(GBPA_ABORT);
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: 0, steady: true });
    expect(fixture.events()).toEqual([]);
    fixture.write(registerOffset.GBPA, GBPA_UPDATE);
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(true);
  });

  it('can come out of reset refusing', () => {
    const fixture = new UnitFixture({ abortsAfterReset: true });
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(false);
    fixture.write(registerOffset.GBPA, GBPA_UPDATE);
    fixture.unit.reset();
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(false);
  });

  it('answers no translation request and takes no translated address', () => {
    const fixture = new UnitFixture();
    expect(fixture.dma(NIC, 0x1000, { addressType: 1 }).allowed).toBe(false);
    expect(fixture.dma(NIC, 0x1000, { addressType: 2 }).allowed).toBe(false);
  });
});

describe('an enabled unit', () => {
  it('translates through stream table, context descriptor and page table', () => {
    const fixture = new UnitFixture().start();
    const { pages } = fixture.attach(NIC, 7);
    pages.map(0xffff_f000, 0x1234_5000, 4096, { read: true, write: true });
    expect(fixture.dma(NIC, 0xffff_f040, { write: true })).toMatchObject({
      allowed: true,
      address: 0x1234_5040,
      validFor: 0xfc0,
      untranslated: false,
      steady: false,
      entryAddress: pages.lookup(0xffff_f000).entryAddress,
    });
    expect(fixture.dma(NIC, 0xffff_f040, { write: true }).steady).toBe(true);
  });

  it('gets through to a page that is gone until somebody invalidates', () => {
    const fixture = new UnitFixture().start();
    const { pages } = fixture.attach(NIC, 7);
    pages.map(0x1000, 0x2000, 4096, { read: true, write: true });
    fixture.dma(NIC, 0x1000);
    pages.unmap(0x1000, 4096);
    expect(fixture.dma(NIC, 0x1000).address).toBe(0x2000);
    fixture.submit(invalidateAsid(7));
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: 0x10 });
  });

  it('goes on with a stream table entry that it has cached', () => {
    const fixture = new UnitFixture().start();
    fixture.table.setEntry(NIC, bypassStreamEntry());
    expect(fixture.dma(NIC, 0x5000)).toMatchObject({ allowed: true, untranslated: true, steady: false });
    fixture.table.setEntry(NIC, abortStreamEntry());
    expect(fixture.dma(NIC, 0x5000)).toMatchObject({ allowed: true, steady: true });
    fixture.submit(invalidateAllStreams());
    expect(fixture.dma(NIC, 0x5000)).toMatchObject({ allowed: false, reason: 0 });
    expect(fixture.events(), 'abort is silent').toEqual([]);
  });

  it('lets streams of one ASID share translations, wanted or not', () => {
    const fixture = new UnitFixture().start();
    const one = fixture.attach(NIC, 1);
    fixture.attach(0x0200, 1);
    one.pages.map(0x1000, 0xaaaa_0000 % 0x4000_0000, 4096, { read: true, write: true });
    fixture.dma(NIC, 0x1000);
    expect(fixture.dma(0x0200, 0x1000)).toMatchObject({ allowed: true, address: 0x2aaa_0000 });
  });
});

describe('the stream table while SMMUEN is 1', () => {
  function second(fixture: UnitFixture): StreamTable {
    const table = StreamTable.create({ ...fixture.storage, log2Size: 16 });
    table.setEntry(NIC, abortStreamEntry());
    const { low, high } = streamTableRegisterValues(table.place);
    fixture.unit.writeWide(registerOffset.STRTAB_BASE, low, high);
    return table;
  }

  it('stays where it is on a unit that ignores the write', () => {
    const fixture = new UnitFixture().start();
    fixture.table.setEntry(NIC, bypassStreamEntry());
    const before = fixture.read(registerOffset.STRTAB_BASE);
    second(fixture);
    expect(fixture.read(registerOffset.STRTAB_BASE)).toBe(before);
    expect(fixture.unit.softwareErrors).toBe(2);
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(true);
  });

  it('moves at once on a unit that takes it, but what is cached stays', () => {
    const fixture = new UnitFixture({ writeWhileEnabled: 'taken' }).start();
    fixture.table.setEntry(NIC, bypassStreamEntry());
    fixture.dma(NIC, 0x1000);
    const table = second(fixture);
    expect(fixture.read(registerOffset.STRTAB_BASE)).toBe(table.place.address % 0x1_0000_0000);
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(true);
    fixture.submit(invalidateAllStreams());
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(false);
  });

  it('may move while SMMUEN is 0', () => {
    const fixture = new UnitFixture().start(CMDQEN | EVENTQEN);
    second(fixture);
    expect(fixture.unit.softwareErrors).toBe(0);
    fixture.write(registerOffset.CR0, SMMUEN | CMDQEN | EVENTQEN);
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(false);
  });
});

describe('interrupt messages', () => {
  function message(fixture: UnitFixture): { delivered: boolean; vector: number; reason: number } {
    const outcome = newInterruptOutcome();
    fixture.unit.remapInterrupt({ segment: 0, requesterId: NIC, address: 0xfee0_3000, data: 0x41 }, outcome);
    return outcome;
  }

  it('pass to the doorbell with the vector in their data', () => {
    const fixture = new UnitFixture();
    expect(message(fixture)).toMatchObject({ delivered: true, vector: 0x41, destination: 3, index: -1 });
    fixture.start();
    fixture.attach(NIC, 1);
    expect(message(fixture)).toMatchObject({ delivered: true, vector: 0x41 });
  });

  it('are refused where every write of the stream is', () => {
    const fixture = new UnitFixture().start();
    expect(message(fixture)).toMatchObject({ delivered: false, reason: 0x02 });
    fixture.table.setEntry(NIC, abortStreamEntry());
    expect(message(fixture)).toMatchObject({ delivered: false, reason: 0 });
    fixture.write(registerOffset.CR0, 0);
    fixture.write(registerOffset.GBPA, (GBPA_ABORT | GBPA_UPDATE) >>> 0);
    expect(message(fixture)).toMatchObject({ delivered: false, reason: 0 });
  });
});

it('is cloned, restored and hashed with all it remembers', () => {
  const fixture = new UnitFixture().start();
  const { pages } = fixture.attach(NIC, 7);
  pages.map(0x1000, 0x2000, 4096, { read: true, write: true });
  fixture.dma(NIC, 0x1000);
  pages.unmap(0x1000, 4096);
  const hashOf = (): string => {
    const hash = new RunningHash();
    fixture.unit.hashInto(hash);
    return hash.digest();
  };
  const state = structuredClone(fixture.unit.snapshot());
  const hash = hashOf();
  fixture.submit(invalidateAllTranslations());
  expect(fixture.dma(NIC, 0x1000).allowed).toBe(false);
  expect(hashOf()).not.toBe(hash);
  fixture.unit.restore(state);
  expect(hashOf()).toBe(hash);
  expect(fixture.dma(NIC, 0x1000).address).toBe(0x2000);
});
