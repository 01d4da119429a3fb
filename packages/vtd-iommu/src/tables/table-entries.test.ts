import { type Address, PAGE_SIZE, PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTEXT_RESERVED_WORD0,
  CONTEXT_RESERVED_WORD2,
  contextAvailable,
  contextDomainId,
  contextEntry,
  contextLevels,
  contextPageTable,
  contextTranslationType,
} from './context-entry.ts';
import {
  interruptDestination,
  interruptSourceId,
  interruptSourceQualifier,
  interruptSourceValidation,
  interruptVector,
  POSTED_RESERVED_WORD0,
  POSTED_RESERVED_WORD1,
  postedDescriptor,
  postedInterruptEntry,
  REMAPPED_RESERVED_WORD0,
  remappedInterruptEntry,
} from './interrupt-entry.ts';
import {
  compatibilityMessage,
  messageIndex,
  messageIsRemappable,
  remappableMessage,
} from './interrupt-message.ts';
import { InterruptTable } from './interrupt-table.ts';
import {
  descriptorAddress,
  descriptorDomainId,
  descriptorGranularity,
  descriptorPasid,
  descriptorType,
  invalidateAllTranslations,
  invalidateDeviceContext,
  invalidatePages,
  invalidatePasidPages,
  waitDescriptor,
} from './invalidation-descriptor.ts';
import { firstLevelEntry, pageEntryAddress, secondLevelEntry } from './page-entry.ts';
import {
  pasidEntry,
  pasidEntryAddressWidth,
  pasidEntryDomainId,
  pasidEntryFirstLevelMode,
  pasidEntryFirstLevelTable,
  pasidEntrySecondLevelTable,
  pasidEntryTranslationType,
} from './pasid-entry.ts';
import { PasidTable } from './pasid-table.ts';
import { legacyRootEntry, scalableRootEntry } from './root-entry.ts';
import { RootTable } from './root-table.ts';
import {
  scalableContextEntry,
  scalableContextPasidDirectory,
  scalableContextPasidLimit,
  scalableContextRidPasid,
} from './scalable-context-entry.ts';
import { interruptTableEntries, interruptTableRegister, rootTableRegister } from './table-registers.ts';

const page = fc
  .nat(2 ** 30 - 1)
  .chain((low) => fc.nat(1023).map((high) => (high * 2 ** 30 + low) * PAGE_SIZE));

function kernelMemory(): { memory: PhysicalMemory; allocatePage: () => Address } {
  const memory = new PhysicalMemory([{ start: 0, end: 0x1000_0000, owner: 'first-kernel' }]);
  let next = 0x10_0000;
  return { memory, allocatePage: () => (next += PAGE_SIZE) };
}

describe('table entries', () => {
  it('have the bytes that kernels write', () => {
    expect(legacyRootEntry(0x61b_8000)).toEqual([0x61b_8001, 0, 0, 0]);
    expect(scalableRootEntry(undefined, 0x62c_2000)).toEqual([0, 0, 0x62c_2001, 0]);
    expect(contextEntry({ pageTable: 0x61b_7000, levels: 3, domainId: 10 })).toEqual([
      0x61b_7001, 0, 0xa01, 0,
    ]);
    expect(secondLevelEntry({ address: 0x3fba_8000, read: true, write: true })).toEqual({
      low: 0x3fba_8003,
      high: 0,
    });
    expect(
      firstLevelEntry({ address: 0x12_3456_7000, write: true, user: true, executeDisable: true }),
    ).toEqual({
      low: 0x3456_7007,
      high: 0x8000_0012,
    });
    expect(rootTableRegister(0x606_0000, 1)).toEqual({ low: 0x606_0400, high: 0 });
    expect(interruptTableRegister(0x4a0_0000, 65536, false)).toEqual({ low: 0x4a0_000f, high: 0 });
    expect(interruptTableEntries(0x4a0_000f)).toBe(65536);
  });

  it('give back what they were made of', () => {
    fc.assert(
      fc.property(
        page,
        fc.nat(0xffff),
        fc.constantFrom(3, 4, 5),
        fc.nat(2),
        fc.nat(15),
        (table, id, levels, type, left) => {
          const words = contextEntry({
            pageTable: table,
            domainId: id,
            levels,
            translationType: type as 0 | 1 | 2,
            available: left,
          });
          const [word0, word1, word2, word3] = words as [number, number, number, number];
          expect(contextPageTable(word0, word1)).toBe(table);
          expect(contextDomainId(word2)).toBe(id);
          expect(contextLevels(word2)).toBe(levels);
          expect(contextTranslationType(word0)).toBe(type);
          expect(contextAvailable(word2)).toBe(left);
          expect([word0 & CONTEXT_RESERVED_WORD0, word2 & CONTEXT_RESERVED_WORD2, word3]).toEqual([0, 0, 0]);
        },
      ),
    );
    fc.assert(
      fc.property(page, page, fc.nat(0xffff), fc.constantFrom(1, 2, 3, 4), (first, second, id, type) => {
        const words = pasidEntry({
          translationType: type as 1 | 2 | 3 | 4,
          domainId: id,
          firstLevelTable: first,
          firstLevelLevels: 5,
          secondLevelTable: second,
          secondLevelLevels: 5,
        });
        const word = (i: number): number => words[i] as number;
        expect(words.length).toBe(16);
        expect(pasidEntryTranslationType(word(0))).toBe(type);
        expect(pasidEntryAddressWidth(word(0))).toBe(3);
        expect(pasidEntrySecondLevelTable(word(0), word(1))).toBe(second);
        expect(pasidEntryDomainId(word(2))).toBe(id);
        expect(pasidEntryFirstLevelMode(word(4))).toBe(1);
        expect(pasidEntryFirstLevelTable(word(4), word(5))).toBe(first);
        expect(words.every((one) => one >= 0 && one <= 0xffff_ffff)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(page, (address) => {
        const { low, high } = secondLevelEntry({ address, read: true, write: false, transient: true });
        expect(pageEntryAddress(low, high)).toBe(address);
      }),
    );
    const scalable = scalableContextEntry({
      pasidDirectory: 0x5_0000_1000,
      pasidDirectorySize: 7,
      requestsWithoutPasid: 0xf_ffff,
    });
    expect(scalable.length).toBe(8);
    expect(scalableContextPasidDirectory(scalable[0] as number, scalable[1] as number)).toBe(0x5_0000_1000);
    expect(scalableContextPasidLimit(scalable[0] as number)).toBe(2 ** 20);
    expect(scalableContextRidPasid(scalable[2] as number)).toBe(0xf_ffff);
  });

  it('carry interrupts', () => {
    const source = { sourceValidation: 1, sourceQualifier: 2, sourceId: 0x0100 } as const;
    const words = remappedInterruptEntry({ vector: 0x3a, destination: 3, ...source });
    expect(words).toEqual([0x003a_0001, 0x300, 0x0006_0100, 0]);
    expect(interruptVector(words[0] as number)).toBe(0x3a);
    expect(interruptDestination(words[1] as number, false)).toBe(3);
    const wide = remappedInterruptEntry({ vector: 0x3a, destination: 0xffff_fff3, extended: true });
    expect(interruptDestination(wide[1] as number, true)).toBe(0xffff_fff3);
    expect(interruptSourceId(words[2] as number)).toBe(0x0100);
    expect(interruptSourceQualifier(words[2] as number)).toBe(2);
    expect(interruptSourceValidation(words[2] as number)).toBe(1);
    expect((words[0] as number) & REMAPPED_RESERVED_WORD0).toBe(0);
    const posted = postedInterruptEntry({ vector: 0x41, descriptor: 0x12_3456_7fc0, urgent: true });
    expect(postedDescriptor(posted[1] as number, posted[3] as number)).toBe(0x12_3456_7fc0);
    expect((posted[0] as number) & POSTED_RESERVED_WORD0).toBe(0);
    expect((posted[1] as number) & POSTED_RESERVED_WORD1).toBe(0);
  });

  it('are named by messages', () => {
    expect(remappableMessage(0)).toEqual({ address: 0xfee0_0010, data: 0 });
    expect(remappableMessage(0x8001)).toEqual({ address: 0xfee0_0034, data: 0 });
    expect(compatibilityMessage(3, 0x3a)).toEqual({ address: 0xfee0_3000, data: 0x3a });
    expect(messageIsRemappable(0xfee0_3000)).toBe(false);
    fc.assert(
      fc.property(fc.nat(0xffff), fc.option(fc.nat(31), { nil: undefined }), (handle, subhandle) => {
        const { address, data } = remappableMessage(handle, subhandle);
        expect(messageIsRemappable(address)).toBe(true);
        expect(messageIndex(address, data)).toBe(handle + (subhandle ?? 0));
        expect(address).toBeLessThan(0xfef0_0000);
      }),
    );
  });

  it('are invalidated by descriptors', () => {
    expect(invalidateAllTranslations()).toEqual([0xd2, 0, 0, 0]);
    expect(invalidateDeviceContext(10, 0x0100, 0)).toEqual([0x000a_0031, 0x0100, 0, 0]);
    expect(waitDescriptor(0x1_2345_6780, 2, { fence: true })).toEqual([0x65, 2, 0x2345_6780, 1]);
    const [word0, word1, word2, word3] = invalidatePages(0xffff, 0x7f_ffff_f000, 9) as [
      number,
      number,
      number,
      number,
    ];
    expect(descriptorType(word0)).toBe(2);
    expect(descriptorGranularity(word0)).toBe(3);
    expect(descriptorDomainId(word0)).toBe(0xffff);
    expect(descriptorAddress(word2, word3)).toBe(0x7f_ffff_f000);
    expect(word1).toBe(0);
    const pasid = invalidatePasidPages(1, 0xf_ffff, 0x1000, 0);
    expect(descriptorType(pasid[0] as number)).toBe(6);
    expect(descriptorPasid(pasid[1] as number)).toBe(0xf_ffff);
  });
});

describe('tables in memory', () => {
  it('keep context entries by bus and devfn', () => {
    const kernel = kernelMemory();
    const root = new RootTable({ ...kernel, scalable: false });
    expect(root.context(0x0100)).toBeUndefined();
    root.setContext(0x01f8, contextEntry({ pageTable: 0x9000, domainId: 7 }));
    expect(root.contextEntryAddress(0x01f8)).toBe((root.contextTableAddress(1) as Address) + 0xf8 * 16);
    expect(root.contextTableAddress(2)).toBeUndefined();
    const found = [...RootTable.at(root.address, { memory: kernel.memory, scalable: false }).contexts()];
    expect(found.map((one) => one.requesterId)).toEqual([0x01f8]);
    root.clearContext(0x01f8);
    root.clearContext(0x02f8);
    expect([...root.contexts()]).toEqual([]);
  });

  it('keep the halves of a bus apart in scalable mode', () => {
    const kernel = kernelMemory();
    const root = new RootTable({ ...kernel, scalable: true });
    root.setContext(0x82f9, scalableContextEntry({ pasidDirectory: 0x7000 }));
    expect(root.contextTableAddress(0x82, 0)).toBeUndefined();
    expect(root.contextEntryAddress(0x82f9)).toBe((root.contextTableAddress(0x82, 1) as Address) + 0x79 * 32);
    root.setContext(0x8210, scalableContextEntry({ pasidDirectory: 0x8000 }));
    expect([...root.contexts()].map((one) => one.requesterId)).toEqual([0x8210, 0x82f9]);
  });

  it('skip root and context entries that read as nothing', () => {
    const memory = { read32: () => 0xffff_ffff, write32: () => {} };
    const kinds: string[] = [];
    expect([
      ...RootTable.at(0, { memory, scalable: true }).contexts((note) => kinds.push(note.kind)),
    ]).toEqual([]);
    expect(kinds.length).toBe(512);
  });

  it('keep PASID entries', () => {
    const kernel = kernelMemory();
    const pasids = new PasidTable(kernel);
    const words = pasidEntry({ translationType: 2, domainId: 5, secondLevelTable: 0x9000 });
    pasids.setEntry(0x41, words);
    expect(pasids.entry(0x41)).toEqual(words);
    expect(pasids.entry(0x40)).toEqual(new Array(16).fill(0));
    expect(pasids.entry(0)).toBeUndefined();
    expect(pasids.entryAddress(0x41)).toBe((pasids.entryAddress(0x40) as Address) + 64);
  });

  it('hand out interrupt entries', () => {
    const { memory } = kernelMemory();
    const table = new InterruptTable({ memory, address: 0x20_0000, entries: 16 });
    expect([table.allocate(), table.allocate(4), table.allocate()]).toEqual([0, 4, 1]);
    table.set(4, remappedInterruptEntry({ vector: 0x30, destination: 0 }));
    table.reserve(2);
    expect(table.allocate()).toBe(3);
    table.clear(4);
    expect(table.read(4)).toEqual([0, 0, 0, 0]);
    expect(table.allocate()).toBe(4);
    expect(() => table.allocate(16)).toThrow(expect.objectContaining({ code: 'INTERRUPT_TABLE_FULL' }));
  });

  it('find the same interrupt entries by pages and by dwords', () => {
    const { memory } = kernelMemory();
    const options = { address: 0x20_0000, entries: 1024 };
    const table = new InterruptTable({ ...options, memory });
    for (const index of [0, 255, 256, 700, 1023]) {
      table.set(index, remappedInterruptEntry({ vector: 0x30, destination: index & 0xff }));
    }
    const dwords = { read32: memory.read32.bind(memory), write32: memory.write32.bind(memory) };
    const found = [...table.present()];
    expect(found.map(({ index }) => index)).toEqual([0, 255, 256, 700, 1023]);
    expect([...new InterruptTable({ ...options, memory: dwords }).present()]).toEqual(found);
  });

  it('take over the interrupt entries of the old kernel', () => {
    const { memory } = kernelMemory();
    const old = new InterruptTable({ memory, address: 0x20_0000, entries: 256 });
    const entry = remappedInterruptEntry({ vector: 0x30, destination: 0, sourceId: 0x100 });
    old.set(17, entry);
    const fresh = new InterruptTable({ memory, address: 0x30_0000, entries: 256 });
    expect(fresh.copyFrom(old)).toBe(1);
    expect(fresh.read(17)).toEqual(entry);
    expect(fresh.isTaken(17)).toBe(true);
    const nowhere = new InterruptTable({ memory, address: 0x7000_0000, entries: 256 });
    expect(fresh.copyFrom(nowhere)).toBe(0);
  });
});
