import { describe, expect, it } from 'vitest';
import { EventNumber, eventName } from '../events/event-names.ts';
import { registerOffset } from '../registers/register-block.ts';
import { invalidateAllStreams } from '../tables/command.ts';
import { contextDescriptor } from '../tables/context-descriptor.ts';
import { PageTable } from '../tables/page-table.ts';
import { bypassStreamEntry, stage1StreamEntry } from '../tables/stream-entry.ts';
import { StreamTable } from '../tables/stream-table.ts';
import { streamTableRegisterValues } from '../tables/table-registers.ts';
import { writeWords } from '../tables/table-storage.ts';
import { mapped, NIC, NOWHERE } from '../testing/mapped-stream.ts';
import { CMDQEN, EVENTQEN, SMMUEN, testIdr0, testIdr1, UnitFixture } from '../testing/unit-fixture.ts';

describe('the stream table', () => {
  it('has no entry for a StreamID beyond it, or on a bus without a second level', () => {
    const { fixture } = mapped();
    expect(fixture.dma(0x1_0000, 0x1000)).toMatchObject({ allowed: false, reason: EventNumber.badStreamId });
    expect(fixture.dma(0x0200, 0x1000)).toMatchObject({ allowed: false, reason: EventNumber.badStreamId });
    expect(fixture.events().map(({ number, streamId }) => [number, streamId])).toEqual([
      [0x02, 0x1_0000],
      [0x02, 0x0200],
    ]);
  });

  it('keeps unknown streams quiet where CR2.RECINVSID is clear', () => {
    const fixture = new UnitFixture().start(0);
    fixture.write(registerOffset.CR2, 4);
    fixture.write(registerOffset.CR0, SMMUEN | EVENTQEN);
    expect(fixture.dma(0x0200, 0x1000)).toMatchObject({ reason: EventNumber.badStreamId, steady: true });
    expect(fixture.events()).toEqual([]);
  });

  it('that is not valid refuses', () => {
    const { fixture } = mapped();
    fixture.patchEntry(NIC, 0, 0);
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({
      reason: EventNumber.badStreamEntry,
      entryAddress: fixture.table.entryAddress(NIC),
    });
  });

  it.each([1, 2, 3])('with the reserved configuration %i refuses in silence', (config) => {
    const { fixture } = mapped();
    fixture.patchEntry(NIC, 0, 1 | (config << 1));
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: 0 });
  });

  it('of which nothing can be read is a fetch fault, on either level', () => {
    const { fixture } = mapped();
    const level1 = fixture.table.place.address + 8;
    fixture.memory.write32(level1, NOWHERE + 9, 0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.streamEntryFetch);
    expect(fixture.takeEvents()[0]).toMatchObject({ number: 3, fetchAddress: NOWHERE });
    fixture.write(registerOffset.CR0, 0);
    fixture.unit.writeWide(registerOffset.STRTAB_BASE, NOWHERE, 0);
    fixture.write(registerOffset.CR0, SMMUEN | EVENTQEN);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.streamEntryFetch);
    expect(fixture.events().at(-1)?.fetchAddress).toBe(NOWHERE + 8);
  });

  it('spans as many streams as its level 1 descriptor says', () => {
    const { fixture } = mapped();
    const level1 = fixture.table.place.address + 8;
    const low = fixture.memory.read32(level1);
    fixture.table.setEntry(0x0108, bypassStreamEntry());
    expect(fixture.dma(0x0108, 0x1000).allowed).toBe(true);
    fixture.memory.write32(level1, low - 9 + 4, 0);
    fixture.submit(invalidateAllStreams());
    expect(fixture.dma(0x0107, 0x1000).reason).toBe(0);
    expect(fixture.dma(0x0108, 0x1000).reason).toBe(EventNumber.badStreamId);
    fixture.memory.write32(level1, low - 9 + 10, 0);
    expect(fixture.dma(0x0108, 0x1000).reason).toBe(EventNumber.badStreamId);
  });

  it('of a reserved split has 64 streams in level 2, and of a reserved format is linear', () => {
    const fixture = new UnitFixture();
    const table = StreamTable.create({ ...fixture.storage, log2Size: 8, split: 6 });
    table.setEntry(0x45, bypassStreamEntry());
    const linear = StreamTable.create({ ...fixture.storage, log2Size: 8, format: 0 });
    linear.setEntry(0x45, bypassStreamEntry());
    for (const [place, config] of [
      [table.place, 0x1_0148],
      [linear.place, 0x2_0008],
    ] as const) {
      const { low, high } = streamTableRegisterValues(place);
      fixture.write(registerOffset.CR0, 0);
      fixture.unit.writeWide(registerOffset.STRTAB_BASE, low, high);
      fixture.write(registerOffset.STRTAB_BASE_CFG, config);
      fixture.write(registerOffset.CR0, SMMUEN | CMDQEN);
      expect(fixture.dma(0x45, 0x1000)).toMatchObject({ allowed: true, untranslated: true });
      expect(fixture.dma(0x46, 0x1000)).toMatchObject({ allowed: false });
      fixture.unit.reset();
    }
  });

  it('may not ask for stages that the unit does not have, nor for nested ones', () => {
    for (const [config, idr0] of [
      [5, testIdr0 & ~2],
      [6, testIdr0 & ~1],
      [7, testIdr0],
    ] as const) {
      const { fixture } = mapped({ idr0 });
      const low = fixture.memory.read32(fixture.table.entryAddress(NIC) as number);
      fixture.patchEntry(NIC, 0, (low & ~0xe) | (config << 1));
      expect(fixture.dma(NIC, 0x1000).reason, `config ${config}`).toBe(EventNumber.badStreamEntry);
    }
  });
});

describe('the context descriptor', () => {
  it.each([
    ['not valid', 0, (low: number) => low & 0x7fff_ffff],
    ['big-endian', 0, (low: number) => low | 0x8000],
    ['of pages of 64 KiB', 0, (low: number) => low | 0x40],
    ['of a size that is too large', 0, (low: number) => (low & ~0x3f) | 15],
    ['of a size that is too small', 0, (low: number) => (low & ~0x3f) | 40],
    ['for AArch32', 1, (high: number) => high & ~0x200],
    ['that stalls', 1, (high: number) => high | 0x1000],
    ['whose table is beyond its output size', 3, () => 0xf_ffff],
  ])('that is %s refuses', (_what, word, change) => {
    const { fixture, context } = mapped();
    const at = context + 4 * word;
    fixture.memory.write32(at, change(fixture.memory.read32(at)) >>> 0, 0);
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: EventNumber.badContext });
  });

  it('that cannot be read is a fetch fault', () => {
    const { fixture } = mapped();
    fixture.table.setEntry(NIC, stage1StreamEntry({ context: NOWHERE }));
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.contextFetch);
    expect(fixture.events()[0]).toMatchObject({ number: 9, fetchAddress: NOWHERE });
  });

  it('that disables its table refuses every address', () => {
    const { fixture, context } = mapped();
    fixture.memory.write32(context, (fixture.memory.read32(context) | 0x4000) >>> 0, 0);
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ reason: EventNumber.translation, entryAddress: 0 });
  });

  it('that records nothing refuses in silence', () => {
    const fixture = new UnitFixture().start();
    fixture.attach(NIC, 3, { recordFaults: false });
    fixture.dma(NIC, 0x1000);
    expect(fixture.dma(NIC, 0x1000)).toMatchObject({ reason: EventNumber.translation, steady: true });
    expect(fixture.events()).toEqual([]);
  });

  it('bounds addresses by its size', () => {
    const fixture = new UnitFixture().start();
    const pages = new PageTable({ ...fixture.storage, stage: 1, levels: 3 });
    pages.map(2 ** 39 - 4096, 0x20_0000, 4096, { read: true, write: true });
    const context = fixture.allocate();
    writeWords(fixture.storage, context, contextDescriptor({ pageTable: pages.root, levels: 3, asid: 1 }));
    fixture.table.setEntry(NIC, stage1StreamEntry({ context }));
    expect(fixture.dma(NIC, 2 ** 39 - 4096).address).toBe(0x20_0000);
    expect(fixture.dma(NIC, 2 ** 39).reason).toBe(EventNumber.translation);
  });
});

describe('substreams', () => {
  /** Four context descriptors; substream 2 maps 0x1000. */
  function withSubstreams(defaultSubstream: number): UnitFixture {
    const fixture = new UnitFixture().start();
    const context = fixture.allocate();
    for (const [substream, physical] of [
      [0, 0x30_0000],
      [2, 0x20_0000],
    ] as const) {
      const pages = new PageTable({ ...fixture.storage, stage: 1, levels: 4 });
      pages.map(0x1000, physical, 4096, { read: true, write: true });
      const words = contextDescriptor({ pageTable: pages.root, levels: 4, asid: 10 + substream });
      writeWords(fixture.storage, context + substream * 64, words);
    }
    fixture.table.setEntry(NIC, stage1StreamEntry({ context, substreamBits: 2, defaultSubstream }));
    return fixture;
  }

  it('have a context descriptor each', () => {
    const fixture = withSubstreams(2);
    expect(fixture.dma(NIC, 0x1000, { pasid: 2 }).address).toBe(0x20_0000);
    expect(fixture.dma(NIC, 0x1000, { pasid: 0 }).address).toBe(0x30_0000);
    expect(fixture.dma(NIC, 0x1000, { pasid: 1 }).reason).toBe(EventNumber.badContext);
    expect(fixture.dma(NIC, 0x1000, { pasid: 4 }).reason).toBe(EventNumber.badSubstreamId);
    expect(fixture.events().at(-1)).toMatchObject({ number: 8, substreamId: 4 });
  });

  it('leave requests without one to S1DSS', () => {
    expect(withSubstreams(2).dma(NIC, 0x1000).address).toBe(0x30_0000);
    expect(withSubstreams(1).dma(NIC, 0x1000)).toMatchObject({ allowed: true, untranslated: true });
    expect(withSubstreams(0).dma(NIC, 0x1000).reason).toBe(EventNumber.streamDisabled);
    expect(withSubstreams(3).dma(NIC, 0x1000).reason).toBe(EventNumber.badStreamEntry);
  });

  it('are refused where the stream, or the unit, has none', () => {
    expect(mapped().fixture.dma(NIC, 0x1000, { pasid: 1 }).reason).toBe(EventNumber.badSubstreamId);
    const fixture = new UnitFixture({ idr1: testIdr1 & ~0x7c0 }).start();
    fixture.table.setEntry(NIC, stage1StreamEntry({ context: 0x5000, substreamBits: 1 }));
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.badStreamEntry);
  });
});

it('every event that is recorded has a name', () => {
  for (const number of Object.values(EventNumber)) expect(eventName(number)?.name).toMatch(/^[CF]_/);
  expect(eventName(0x7f)).toBeUndefined();
});
