import { PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contextDescriptor,
  contextDescriptorAsid,
  contextDescriptorLevels,
  contextDescriptorTable,
  contextDescriptorValid,
} from './context-descriptor.ts';
import { decodeEventRecord, type EventRecord, eventRecord, hasInputAddress } from './event-record.ts';
import { PageTable } from './page-table.ts';
import {
  abortStreamEntry,
  bypassStreamEntry,
  StreamConfig,
  stage1StreamEntry,
  stage2StreamEntry,
  streamEntryConfig,
  streamEntryContext,
  streamEntryPasses,
  streamEntryVmid,
} from './stream-entry.ts';
import { StreamTable } from './stream-table.ts';
import { StreamTableFormat, streamTablePlace, streamTableRegisterValues } from './table-registers.ts';
import type { TableStorage } from './table-storage.ts';

const address = fc.integer({ min: 1, max: 2 ** 36 - 1 }).map((page) => page * 4096);
const id16 = fc.nat(0xffff);

function storage(): TableStorage & { readonly memory: PhysicalMemory } {
  const memory = new PhysicalMemory([{ start: 0, end: 0x1000_0000, owner: 'first-kernel' }]);
  let next = 0x1_0000;
  return {
    memory,
    allocatePages: (pages) => {
      const bytes = pages * 4096;
      next = Math.ceil(next / bytes) * bytes + bytes;
      return next - bytes;
    },
  };
}

describe('stream table entries', () => {
  it('say abort, bypass, stage 1 and stage 2', () => {
    expect(streamEntryConfig(abortStreamEntry()[0] as number)).toEqual({
      valid: true,
      config: StreamConfig.abort,
    });
    expect(bypassStreamEntry()[0]).toBe(9);
    expect(streamEntryPasses(9)).toBe(true);
    expect([0, 1, 8].map(streamEntryPasses)).toEqual([false, false, false]);
  });

  it('give back the context descriptor and the VMID', () => {
    fc.assert(
      fc.property(address, id16, fc.constantFrom(2, 3, 4), (at, vmid, levels) => {
        const one = stage1StreamEntry({ context: at + 64 });
        expect(streamEntryConfig(one[0] as number)).toEqual({ valid: true, config: StreamConfig.stage1 });
        expect(streamEntryContext(one[0] as number, one[1] as number)).toBe(at + 64);
        const two = stage2StreamEntry({ pageTable: at, levels, vmid });
        expect(streamEntryConfig(two[0] as number)).toEqual({ valid: true, config: StreamConfig.stage2 });
        expect(streamEntryVmid(two[4] as number)).toBe(vmid);
        for (const word of [...one, ...two]) expect(word).toBe(word >>> 0);
      }),
    );
  });
});

it('context descriptors give back table, levels and ASID', () => {
  fc.assert(
    fc.property(address, id16, fc.constantFrom(2, 3, 4), (pageTable, asid, levels) => {
      const words = contextDescriptor({ pageTable, levels, asid });
      const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
      expect(contextDescriptorValid(w0)).toBe(true);
      expect(contextDescriptorLevels(w0)).toBe(levels);
      expect(contextDescriptorAsid(w1)).toBe(asid);
      expect(contextDescriptorTable(w2, w3)).toBe(pageTable);
      for (const word of words) expect(word).toBe(word >>> 0);
    }),
  );
});

it('the registers of a stream table give back its place', () => {
  fc.assert(
    fc.property(
      address,
      fc.constantFrom(0, 1),
      fc.constantFrom(6, 8, 10),
      fc.integer({ min: 6, max: 32 }),
      (at, format, split, log2Size) => {
        const place = { address: at, format, split, log2Size };
        const { low, high, config } = streamTableRegisterValues(place);
        expect(streamTablePlace(low, high, config)).toEqual(place);
      },
    ),
  );
});

it('event records give back what they say', () => {
  fc.assert(
    fc.property(
      fc.record({
        number: fc.constantFrom(0x02, 0x03, 0x04, 0x08, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13),
        streamId: fc.nat(0xffff_ffff),
        substreamId: fc.integer({ min: -1, max: 0xf_ffff }),
        address: fc.nat(2 ** 52 - 1),
        read: fc.boolean(),
        privileged: fc.boolean(),
        execute: fc.boolean(),
        stage2: fc.boolean(),
        class: fc.nat(2),
        fetchAddress: fc.nat(2 ** 48 - 1).map((value) => value * 8),
      }),
      (event: EventRecord) => {
        const told = hasInputAddress(event.number)
          ? event
          : { ...event, address: 0, read: false, privileged: false, execute: false, stage2: false, class: 0 };
        expect(decodeEventRecord(eventRecord(event))).toEqual(told);
      },
    ),
  );
});

describe.each([
  ['linear', StreamTableFormat.linear],
  ['two-level', StreamTableFormat.twoLevel],
])('a %s stream table', (_name, format) => {
  it('gives back every entry that was written, and only those', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0x3ff), { maxLength: 12 }), (streams) => {
        const place = storage();
        const table = StreamTable.create({ ...place, format, log2Size: 10, initial: new Array(16).fill(0) });
        for (const id of streams) table.setEntry(id, stage1StreamEntry({ context: 0x10_0000 + id * 64 }));
        const reopened = StreamTable.at(table.place, place);
        const sorted = [...streams].sort((a, b) => a - b);
        const found = [...reopened.entries()];
        expect(found.map(({ streamId }) => streamId)).toEqual(sorted);
        for (const { streamId, words, address: at } of found) {
          expect(words).toEqual(stage1StreamEntry({ context: 0x10_0000 + streamId * 64 }));
          expect(reopened.entryAddress(streamId)).toBe(at);
          expect(reopened.entry(streamId)).toEqual(words);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('fills what it makes with the initial entry', () => {
    const table = StreamTable.create({ ...storage(), format, log2Size: 10, initial: bypassStreamEntry() });
    table.setEntry(0x101, abortStreamEntry());
    expect(table.entry(0x1ff)).toEqual(bypassStreamEntry());
    expect(table.entry(0x101)).toEqual(abortStreamEntry());
  });

  it('has nothing beyond its size', () => {
    const table = StreamTable.create({ ...storage(), format, log2Size: 10 });
    expect(table.entryAddress(0x400)).toBeUndefined();
    expect(table.entry(-1)).toBeUndefined();
    expect(() => table.setEntry(0x400, abortStreamEntry())).toThrow();
    expect(() => table.setEntry(0, [1])).toThrow('sixteen dwords');
  });
});

describe('a two-level stream table', () => {
  it('has no entries of a bus without a second level', () => {
    const table = StreamTable.create({ ...storage(), log2Size: 16 });
    table.setEntry(0x0100, bypassStreamEntry());
    expect(table.entry(0x0200)).toBeUndefined();
    expect(table.entry(0x01ff)).toEqual(abortStreamEntry());
  });

  it('needs an allocator only to grow', () => {
    const place = storage();
    const table = StreamTable.create({ ...place, log2Size: 16 });
    table.setEntry(0x0100, bypassStreamEntry());
    const reopened = StreamTable.at(table.place, { memory: place.memory });
    reopened.setEntry(0x0101, bypassStreamEntry());
    expect(() => reopened.setEntry(0x0200, bypassStreamEntry())).toThrow('without an allocator');
  });
});

describe.each([1, 2] as const)('a page table of stage %i', (stage) => {
  const page = fc.nat(0x3_ffff).map((n) => n * 4096);

  it('leads every page that was mapped to where it was mapped', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3, 4),
        fc.array(
          fc.record({ at: page, to: page, pages: fc.integer({ min: 1, max: 4 }), write: fc.boolean() }),
          {
            maxLength: 10,
          },
        ),
        (levels, mappings) => {
          const table = new PageTable({ ...storage(), stage, levels });
          const expected = new Map<number, { physical: number; write: boolean }>();
          for (const { at, to, pages, write } of mappings) {
            if (at + pages * 4096 > table.limit) continue;
            table.map(at, to, pages * 4096, { read: true, write });
            for (let i = 0; i < pages; i++) expected.set(at + i * 4096, { physical: to + i * 4096, write });
          }
          for (const [at, { physical, write }] of expected) {
            expect(table.lookup(at + 0x123)).toMatchObject({
              present: true,
              physical: physical + 0x123,
              read: true,
              write,
              level: 3,
            });
          }
          const found = [...table.mappings()].map(({ address: from }) => from);
          expect(found).toEqual([...expected.keys()].sort((a, b) => a - b));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('uses blocks where they fit and are wanted', () => {
    const table = new PageTable({ ...storage(), stage, levels: 4 });
    table.map(0x4000_0000, 0x8000_0000, 0x4020_1000, { read: true, write: true }, 0x4000_0000);
    expect([...table.mappings()].map(({ bytes }) => bytes)).toEqual([0x4000_0000, 0x20_0000, 0x1000]);
    expect(table.lookup(0x4012_3456)).toMatchObject({ physical: 0x8012_3456, level: 1 });
    expect(table.unmap(0x4000_0000, 0x4020_1000)).toBe(0x4020_1000);
    expect([...table.mappings()]).toEqual([]);
    expect(table.unmap(0x4000_0000, 0x1000)).toBe(0);
  });

  it('refuses what is not whole pages, or leaves it', () => {
    const table = new PageTable({ ...storage(), stage, levels: 2 });
    const access = { read: true, write: true };
    expect(() => table.map(1, 0, 4096, access)).toThrow('not page aligned');
    expect(() => table.map(0, 1, 4096, access)).toThrow('not page aligned');
    expect(() => table.map(0, 0, 100, access)).toThrow('not page aligned');
    expect(() => table.map(0x4000_0000, 0, 4096, access)).toThrow('leaves the table');
    expect(() => new PageTable({ ...storage(), stage, levels: 5 })).toThrow('no 5 levels');
  });
});

it('a stream table that garbage registers name ends', () => {
  const { memory } = storage();
  for (const format of [0, 1, 2, 3]) {
    const table = StreamTable.at({ address: 0x1_0000, format, split: 31, log2Size: 63 }, { memory });
    expect([...table.entries(1000)]).toEqual([]);
  }
});

it('a walk over garbage ends', () => {
  const place = storage();
  const table = new PageTable({ ...place, stage: 1, levels: 4 });
  // Every entry of the root leads to the root again.
  for (let i = 0; i < 512; i++) place.memory.write32(table.root + 8 * i, table.root + 3, 0);
  expect([...table.mappings(1000)].length).toBeLessThan(1000);
});
