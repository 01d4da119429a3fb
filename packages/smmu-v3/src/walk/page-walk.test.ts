import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventNumber } from '../events/event-names.ts';
import { registerOffset } from '../registers/register-block.ts';
import { EventClass } from '../tables/event-record.ts';
import { PageTable } from '../tables/page-table.ts';
import { stage2StreamEntry } from '../tables/stream-entry.ts';
import { mapped, NIC, NOWHERE } from '../testing/mapped-stream.ts';
import { ATSCHK, CMDQEN, EVENTQEN, SMMUEN, UnitFixture } from '../testing/unit-fixture.ts';

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
