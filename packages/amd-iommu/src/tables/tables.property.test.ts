import { PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventEntry, readEventEntry } from '../events/event-entry.ts';
import { DeviceTable, deviceTableAddress, deviceTablePages, deviceTableRegister } from './device-table.ts';
import { deviceTableEntry, emptyDeviceTableEntry, readDeviceTableEntry } from './device-table-entry.ts';
import { AmdInterruptTable, interruptEntry, readInterruptEntry } from './interrupt-table.ts';
import { IoPageTable } from './io-page-table.ts';
import {
  bytesAtLevel,
  encodedPageBytes,
  pageEntryAddress,
  pageEntryLevel,
  pageTableEntry,
} from './page-entry.ts';

const page = fc.integer({ min: 0, max: 2 ** 40 - 1 }).map((frame) => frame * 4096);

function memory(): PhysicalMemory {
  return new PhysicalMemory([{ start: 0, end: 0x4000_0000, owner: 'first-kernel', label: 'RAM' }]);
}

it('reads back every field of a device table entry', () => {
  fc.assert(
    fc.property(
      fc.record({
        valid: fc.boolean(),
        translationValid: fc.boolean(),
        levels: fc.integer({ min: 0, max: 7 }),
        pageTable: page,
        read: fc.boolean(),
        write: fc.boolean(),
        domainId: fc.integer({ min: 0, max: 0xffff }),
        guest: fc.boolean(),
        deviceTlb: fc.boolean(),
        suppressesFaults: fc.boolean(),
        interruptsValid: fc.boolean(),
        interruptControl: fc.integer({ min: 0, max: 3 }),
        interruptTableLength: fc.integer({ min: 0, max: 11 }),
        interruptTable: fc.integer({ min: 0, max: 2 ** 46 - 1 }).map((at) => at * 64),
      }),
      (fields) => {
        const words = deviceTableEntry(fields);
        expect(words.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff_ffff)).toBe(true);
        expect(readDeviceTableEntry(words)).toEqual(fields);
      },
    ),
  );
  expect(deviceTableEntry({})).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(readDeviceTableEntry(new Uint32Array(8))).toEqual(emptyDeviceTableEntry);
});

it('has V, TV, IR, IW, GV and IntCtl where Linux has them', () => {
  // DEV_ENTRY_VALID 0, TRANSLATION 1, IR 61, IW 62, DTE_FLAG_GV bit 55, DTE_IRQ_REMAP_INTCTL 2 << 60 of the third quadword.
  const words = deviceTableEntry({
    valid: true,
    translationValid: true,
    read: true,
    write: true,
    guest: true,
    interruptsValid: true,
    interruptControl: 2,
    interruptTableLength: 9,
  });
  expect(words.slice(0, 2)).toEqual([3, 0x6080_0000]);
  expect(words.slice(4, 6)).toEqual([0x13, 0x2000_0000]);
});

it('says in the base register where a table is and how long', () => {
  fc.assert(
    fc.property(page, fc.integer({ min: 1, max: 512 }), (address, pages) => {
      const { low, high } = deviceTableRegister(address, pages);
      expect(deviceTableAddress(low, high)).toBe(address);
      expect(deviceTablePages(low)).toBe(pages);
    }),
  );
});

it('keeps a device table entry apart from its neighbours', () => {
  const table = new DeviceTable({ memory: memory(), address: 0x10_0000, pages: 2 });
  table.setWords(5, deviceTableEntry({ valid: true, domainId: 9 }));
  table.setWords(5, [0x13], 4);
  expect([...table.present()].map(({ requesterId }) => requesterId)).toEqual([5]);
  expect(table.entry(5)).toMatchObject({ valid: true, domainId: 9, interruptTableLength: 9 });
  expect(table.entries).toBe(256);
  expect(() => table.entry(256)).toThrow('no entry');
});

it('reads back page table entries', () => {
  fc.assert(
    fc.property(
      page,
      fc.integer({ min: 0, max: 7 }),
      fc.boolean(),
      fc.boolean(),
      (address, nextLevel, read, write) => {
        const [low, high] = pageTableEntry({ address, nextLevel, read, write });
        expect(pageEntryAddress(low, high)).toBe(address);
        expect(pageEntryLevel(low)).toBe(nextLevel);
        expect([(high & 0x2000_0000) !== 0, (high & 0x4000_0000) !== 0]).toEqual([read, write]);
      },
    ),
  );
});

it('says the size of a page in its address: 8 KiB, doubled for each 1 from bit 12 on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1000 }), (ones, frame) => {
      const bytes = 8192 * 2 ** ones;
      expect(encodedPageBytes(frame * bytes + (2 ** ones - 1) * 4096)).toBe(bytes);
    }),
  );
});

it('maps, finds and unmaps pages', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 27 - 1 }), { maxLength: 12 }),
      fc.integer({ min: 3, max: 4 }),
      (frames, levels) => {
        let next = 0x100_0000;
        const table = new IoPageTable({ memory: memory(), levels, allocatePage: () => (next += 4096) });
        for (const [i, frame] of frames.entries()) {
          table.map(frame * 4096, 0x2000_0000 + i * 4096, 4096, { read: true, write: true });
        }
        for (const [i, frame] of frames.entries()) {
          expect(table.lookup(frame * 4096 + 5)).toBe(0x2000_0000 + i * 4096 + 5);
        }
        const [first] = frames;
        if (first === undefined) return;
        table.unmap(first * 4096, 4096);
        expect(table.lookup(first * 4096)).toBeUndefined();
      },
    ),
    { numRuns: 50 },
  );
});

it('goes on with a page table that is there, and cannot extend it without pages', () => {
  const one = memory();
  let next = 0x100_0000;
  const made = new IoPageTable({ memory: one, levels: 3, allocatePage: () => (next += 4096) });
  made.map(0x5000, 0x9000, 4096, { read: true, write: true });
  const found = new IoPageTable({ memory: one, levels: 3, root: made.root });
  expect(found.lookup(0x5000)).toBe(0x9000);
  expect(found.lookup(0x4000_0000)).toBeUndefined();
  found.unmap(0x4000_0000, 4096);
  expect(() => found.map(0x4000_0000, 0, 4096, { read: true, write: true })).toThrow('hands out pages');
  expect(() => found.lookup(bytesAtLevel(4))).toThrow('beyond');
});

it('reads back interrupt entries', () => {
  fc.assert(
    fc.property(
      fc.record({
        enabled: fc.boolean(),
        type: fc.integer({ min: 0, max: 7 }),
        logical: fc.boolean(),
        destination: fc.integer({ min: 0, max: 255 }),
        vector: fc.integer({ min: 0, max: 255 }),
      }),
      (entry) => {
        expect(readInterruptEntry(interruptEntry(entry))).toEqual(entry);
      },
    ),
  );
});

it('hands out interrupt entries that nobody has', () => {
  const one = memory();
  const table = new AmdInterruptTable({ memory: one, address: 0x1000, entries: 4 });
  table.set(0, { enabled: true, vector: 0x40 });
  table.set(2, { enabled: true, vector: 0x41 });
  expect([table.allocate(), table.allocate()]).toEqual([1, 3]);
  expect(() => table.allocate()).toThrow('no interrupt table entry');
});

it('reads back events', () => {
  fc.assert(
    fc.property(
      fc.record({
        code: fc.integer({ min: 1, max: 15 }),
        requesterId: fc.integer({ min: 0, max: 0xffff }),
        domainId: fc.integer({ min: 0, max: 0xffff }),
        flags: fc.integer({ min: 0, max: 0xfff }),
        address: fc.integer({ min: 0, max: 2 ** 52 - 1 }),
      }),
      (event) => {
        const one = memory();
        for (const [i, word] of eventEntry(event).entries()) one.write32(0x1000 + 4 * i, word, 0);
        expect(readEventEntry(one, 0x1000)).toEqual(event);
      },
    ),
  );
  expect(readEventEntry(memory(), 0)).toBeUndefined();
});
