import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventNumber, eventName } from '../events/event-names.ts';
import { registerOffset } from '../registers/register-block.ts';
import { invalidateAllStreams } from '../tables/command.ts';
import { contextDescriptor } from '../tables/context-descriptor.ts';
import { EventClass } from '../tables/event-record.ts';
import { PageTable } from '../tables/page-table.ts';
import { bypassStreamEntry, stage1StreamEntry, stage2StreamEntry } from '../tables/stream-entry.ts';
import { writeWords } from '../tables/table-storage.ts';
import {
  ATSCHK,
  CMDQEN,
  EVENTQEN,
  SMMUEN,
  testIdr0,
  testIdr1,
  UnitFixture,
} from '../testing/unit-fixture.ts';

const NIC = 0x0100;
/** Where the memory of the fixture ends: nothing answers from here on. */
const NOWHERE = 0x4000_0000;

/** A stream with one page mapped at 0x1000. */
function mapped(options: ConstructorParameters<typeof UnitFixture>[0] = {}, ats = false) {
  const fixture = new UnitFixture(options).start();
  const { pages, context } = fixture.attach(NIC, 3, { ats });
  pages.map(0x1000, 0x20_0000, 4096, { read: true, write: true });
  return { fixture, pages, context, leaf: pages.lookup(0x1000).entryAddress };
}

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

describe('the page table', () => {
  it('says where a walk ended, and what was asked', () => {
    const { fixture, pages } = mapped();
    const outcome = fixture.dma(NIC, 0x2340, { write: true });
    expect(outcome).toMatchObject({
      allowed: false,
      reason: EventNumber.translation,
      entryAddress: pages.lookup(0x2000).entryAddress,
    });
    expect(fixture.events()).toEqual([
      {
        number: 0x10,
        streamId: NIC,
        substreamId: -1,
        address: 0x2340,
        read: false,
        privileged: false,
        execute: false,
        stage2: false,
        class: EventClass.input,
        fetchAddress: 0,
      },
    ]);
  });

  it.each([
    ['without the access flag', (low: number) => low & ~0x400, EventNumber.accessFlag],
    ['that is no page', (low: number) => low & ~2, EventNumber.translation],
  ])('with a leaf %s refuses', (_what, change, event) => {
    const { fixture, leaf } = mapped();
    fixture.memory.write32(leaf, change(fixture.memory.read32(leaf)) >>> 0, 0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(event);
  });

  it('with an address beyond what the unit can put out refuses', () => {
    // OAS: 44 bits.
    const { fixture, leaf } = mapped({ idr5: 0x14 });
    fixture.memory.write32(leaf + 4, 0x1000, 0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.addressSize);
  });

  it('does without the access flag where CD.AFFD says so', () => {
    const { fixture, leaf, context } = mapped();
    fixture.memory.write32(leaf, fixture.memory.read32(leaf) & ~0x400, 0);
    fixture.memory.write32(context + 4, fixture.memory.read32(context + 4) | 8, 0);
    expect(fixture.dma(NIC, 0x1000).allowed).toBe(true);
  });

  it('that cannot be read is an abort of the walk', () => {
    const { fixture, pages } = mapped();
    fixture.memory.write32(pages.root, NOWHERE + 3, 0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.walkAbort);
    expect(fixture.events()[0]).toMatchObject({
      number: 0x0b,
      class: EventClass.tableDescriptor,
      fetchAddress: NOWHERE,
    });
  });

  it('has no blocks of 512 GiB', () => {
    const { fixture, pages } = mapped();
    fixture.memory.write32(pages.root, 0x401, 0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.translation);
  });

  it('translates blocks as a whole', () => {
    const { fixture, pages } = mapped();
    pages.map(0x4000_0000, 0x2000_0000, 0x20_0000, { read: true, write: true }, 0x20_0000);
    pages.map(0x8000_0000, 0, 0x4000_0000, { read: true, write: true }, 0x4000_0000);
    expect(fixture.dma(NIC, 0x4001_2340)).toMatchObject({ address: 0x2001_2340, validFor: 0x1e_dcc0 });
    expect(fixture.dma(NIC, 0x4010_0000)).toMatchObject({ address: 0x2010_0000, steady: true });
    expect(fixture.dma(NIC, 0x9234_5678).address).toBe(0x1234_5678);
  });

  const forbidden = [
    ['a write to a read-only page', { write: true }, 0x80, 0, 0],
    ['an unprivileged read of a privileged page', {}, 0, 0x40, 0],
    ['instructions, where UXN is set', { execute: true }, 0, 0, 0],
    ['privileged instructions, where PXN is set', { execute: true, privileged: true }, 0, 0, 0],
    ['a write below a read-only table', { write: true }, 0, 0, 0x4000_0000],
    ['an unprivileged read below a privileged table', {}, 0, 0, 0x2000_0000],
  ] as const;
  it.each(forbidden)('refuses %s', (_what, request, set, clear, tableHigh) => {
    const { fixture, pages, leaf } = mapped();
    fixture.memory.write32(leaf, (fixture.memory.read32(leaf) | set) & ~clear, 0);
    fixture.memory.write32(pages.root + 4, fixture.memory.read32(pages.root + 4) | tableHigh, 0);
    for (let i = 0; i < 2; i++) {
      expect(fixture.dma(NIC, 0x1000, request)).toMatchObject({
        allowed: false,
        reason: EventNumber.permission,
        entryAddress: leaf,
      });
    }
  });

  it('lets privileged requests and instructions where nothing forbids them', () => {
    const { fixture, leaf } = mapped();
    fixture.memory.write32(leaf + 4, 0, 0);
    fixture.memory.write32(leaf, fixture.memory.read32(leaf) & ~0x40, 0);
    expect(fixture.dma(NIC, 0x1000, { privileged: true, write: true }).allowed).toBe(true);
    expect(fixture.dma(NIC, 0x1000, { privileged: true, execute: true }).allowed).toBe(true);
  });

  it('leads to where the tables say, whatever they map', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(0xfffff), to: fc.nat(0x3ffff), write: fc.boolean() }), {
          maxLength: 8,
        }),
        fc.array(fc.record({ at: fc.nat(0xfffff), write: fc.boolean() }), { maxLength: 8 }),
        (mappings, others) => {
          const fixture = new UnitFixture().start();
          const { pages } = fixture.attach(NIC, 5);
          for (const { at, to, write } of mappings) {
            pages.map(at * 4096, to * 4096, 4096, { read: true, write });
          }
          for (const { at, write } of [...mappings, ...others]) {
            const found = pages.lookup(at * 4096 + 8);
            const outcome = fixture.dma(NIC, at * 4096 + 8, { write });
            expect(outcome.allowed).toBe(found.present && (!write || found.write));
            if (outcome.allowed) expect(outcome.address).toBe(found.physical);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('stage 2', () => {
  function guest(access = { read: true, write: true }, fields: { recordFaults?: boolean } = {}) {
    const fixture = new UnitFixture().start();
    const pages = new PageTable({ ...fixture.storage, stage: 2, levels: 4 });
    pages.map(0x1000, 0x20_0000, 4096, access);
    fixture.table.setEntry(NIC, stage2StreamEntry({ pageTable: pages.root, levels: 4, vmid: 9, ...fields }));
    return { fixture, pages };
  }

  it('translates for a VMID', () => {
    const { fixture } = guest();
    expect(fixture.dma(NIC, 0x1234, { write: true })).toMatchObject({ allowed: true, address: 0x20_0234 });
    expect(fixture.dma(NIC, 0x1234, { write: true }).steady).toBe(true);
  });

  it('refuses what S2AP does not allow, and says that it was stage 2', () => {
    const { fixture } = guest({ read: false, write: true });
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.permission);
    expect(fixture.events()[0]).toMatchObject({ number: 0x13, stage2: true, read: true });
    const readOnly = guest({ read: true, write: false }).fixture;
    expect(readOnly.dma(NIC, 0x1000, { write: true }).reason).toBe(EventNumber.permission);
    expect(readOnly.dma(NIC, 0x1000, { execute: true }).reason).toBe(EventNumber.permission);
  });

  it('records nothing where S2R is clear', () => {
    const { fixture } = guest(undefined, { recordFaults: false });
    expect(fixture.dma(NIC, 0x5000).reason).toBe(EventNumber.translation);
    expect(fixture.events()).toEqual([]);
  });

  it('takes no substreams, and no size that does not fit its start level', () => {
    const { fixture } = guest();
    expect(fixture.dma(NIC, 0x1000, { pasid: 3 }).reason).toBe(EventNumber.badSubstreamId);
    const entry = fixture.table.entryAddress(NIC) as number;
    fixture.patchEntry(NIC, 5, fixture.memory.read32(entry + 20) & ~0xc0);
    expect(fixture.dma(NIC, 0x1000).reason).toBe(EventNumber.badStreamEntry);
    const far = guest().fixture;
    far.patchEntry(NIC, 7, 0xf_ffff);
    expect(far.dma(NIC, 0x1000).reason).toBe(EventNumber.badStreamEntry);
  });
});

describe('address translation services', () => {
  it('answer a device that may ask', () => {
    const { fixture } = mapped({}, true);
    expect(fixture.dma(NIC, 0x1000, { addressType: 1 })).toMatchObject({ allowed: true, address: 0x20_0000 });
    expect(fixture.dma(NIC, 0x20_0000, { addressType: 2 })).toMatchObject({
      allowed: true,
      address: 0x20_0000,
    });
    expect(fixture.dma(NIC, 0x9000, { addressType: 1 })).toMatchObject({
      allowed: false,
      reason: EventNumber.translation,
    });
    expect(fixture.events(), 'a refused translation request is only answered').toEqual([]);
  });

  it('refuse one that may not', () => {
    const { fixture } = mapped();
    expect(fixture.dma(NIC, 0x1000, { addressType: 1 }).reason).toBe(EventNumber.badTranslationRequest);
    fixture.write(registerOffset.CR0, SMMUEN | EVENTQEN | CMDQEN | ATSCHK);
    expect(fixture.dma(NIC, 0x20_0000, { addressType: 2 }).reason).toBe(EventNumber.translatedForbidden);
  });

  it('let translated addresses pass unchecked where CR0.ATSCHK is clear', () => {
    const { fixture } = mapped();
    expect(fixture.dma(0x4200, 0x1234, { addressType: 2 })).toMatchObject({ allowed: true, address: 0x1234 });
  });
});

it('every event that is recorded has a name', () => {
  for (const number of Object.values(EventNumber)) expect(eventName(number)?.name).toMatch(/^[CF]_/);
  expect(eventName(0x7f)).toBeUndefined();
});
