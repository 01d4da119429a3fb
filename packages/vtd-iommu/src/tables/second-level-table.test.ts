import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Address, type MemoryReader, PAGE_SIZE, PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextLevels, contextPageTable } from './context-entry.ts';
import { RootTable } from './root-table.ts';
import { SecondLevelTable, type TableStorage } from './second-level-table.ts';
import type { TableNote } from './table-note.ts';

const MiB = 0x10_0000;

function storage(first: Address = 0x10_0000): TableStorage & { memory: PhysicalMemory; pages: Address[] } {
  const memory = new PhysicalMemory([{ start: 0, end: 0x4000_0000, owner: 'first-kernel' }]);
  const pages: Address[] = [];
  return {
    memory,
    writer: memory.writer('kernel'),
    pages,
    allocatePage: () => {
      const page = first + pages.length * PAGE_SIZE;
      pages.push(page);
      return page;
    },
  };
}

describe('SecondLevelTable', () => {
  it('maps a buffer as a driver does, with as few table pages as needed', () => {
    const kernel = storage();
    const domain = new SecondLevelTable({ ...kernel, levels: 3 });
    domain.map(0xffff_c000, 0x3fba_8000, 2 * PAGE_SIZE, { read: true, write: true });
    expect(kernel.pages.length).toBe(3);
    expect(domain.lookup(0xffff_d123)).toMatchObject({
      present: true,
      physical: 0x3fba_9123,
      read: true,
      write: true,
      level: 1,
      entryAddress: (kernel.pages[2] as Address) + 509 * 8,
    });
    expect(domain.lookup(0xffff_e000).present).toBe(false);
    expect(kernel.memory.read32(kernel.pages[2] as Address)).toBe(0);
    expect(kernel.memory.read32((kernel.pages[2] as Address) + 508 * 8)).toBe(0x3fba_8003);
  });

  it('uses large pages where they fit, and divides them where they are cut', () => {
    const kernel = storage();
    const domain = new SecondLevelTable({ ...kernel, levels: 4 });
    domain.map(0x20_0000, 0x1000_0000, 4 * MiB, { read: true, write: false, snoop: true, largestLevel: 2 });
    expect([...domain.entries()].map((leaf) => leaf.bytes)).toEqual([2 * MiB, 2 * MiB]);
    expect(domain.unmap(0x30_0000, PAGE_SIZE)).toBe(PAGE_SIZE);
    expect(domain.lookup(0x30_0000).present).toBe(false);
    expect(domain.lookup(0x30_1abc)).toMatchObject({ physical: 0x1010_1abc, read: true, write: false });
    expect(kernel.memory.read32(domain.lookup(0x30_1000).entryAddress) & 0xfff).toBe(0x801);
    expect(domain.ranges()).toEqual([
      { start: 0x20_0000, end: 0x30_0000 },
      { start: 0x30_1000, end: 0x60_0000 },
    ]);
  });

  it('takes permissions together over the levels', () => {
    const kernel = storage();
    const domain = new SecondLevelTable({ ...kernel, levels: 3 });
    domain.map(0, 0x5000, PAGE_SIZE, { read: true, write: true });
    kernel.memory.write32(domain.root, kernel.memory.read32(domain.root) & ~2, 0);
    expect(domain.lookup(0)).toMatchObject({ present: true, read: true, write: false });
    expect([...domain.entries()]).toMatchObject([{ read: true, write: false }]);
  });

  it('copies into pages of another kernel', () => {
    const first = storage();
    const old = new SecondLevelTable({ ...first, levels: 4 });
    old.map(0xffff_0000, 0x123_4000, 3 * PAGE_SIZE, { read: true, write: true, snoop: true });
    old.map(0x4000_0000, 0x4000_0000 - 1024 * MiB, 1024 * MiB, { read: true, write: false, largestLevel: 3 });
    const pages: Address[] = [];
    const copy = old.copyTo({
      memory: first.memory,
      writer: first.memory.writer('crash-kernel'),
      allocatePage: () => {
        pages.push(0x3000_0000 + pages.length * PAGE_SIZE);
        return pages.at(-1) as Address;
      },
    });
    const mappings = (table: SecondLevelTable): unknown[] =>
      [...table.entries()].map(({ entryAddress: _, ...leaf }) => leaf);
    expect(mappings(copy)).toEqual(mappings(old));
    expect(pages).toContain(copy.root);
    expect(pages.length).toBe(first.pages.length);
    for (const leaf of copy.entries()) expect(leaf.entryAddress).toBeGreaterThanOrEqual(0x3000_0000);
  });

  it('behaves as a map of pages does', () => {
    const page = fc.nat(1200);
    const step = fc.record({
      map: fc.boolean(),
      at: page,
      count: fc.integer({ min: 1, max: 700 }),
      to: fc.nat(2000),
      large: fc.boolean(),
      write: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const table = new SecondLevelTable({ ...storage(), levels: 3 });
        const model = new Map<number, { to: number; write: boolean }>();
        for (const { map, at, count, to, large, write } of steps) {
          // Half of the steps are aligned to 2 MiB, so that large pages occur.
          const from = large ? at - (at % 512) : at;
          const target = large ? to - (to % 512) : to;
          if (map) {
            const access = { read: true, write, largestLevel: large ? 2 : 1 } as const;
            table.map(from * PAGE_SIZE, target * PAGE_SIZE, count * PAGE_SIZE, access);
            for (let i = 0; i < count; i++) model.set(from + i, { to: target + i, write });
          } else {
            let had = 0;
            for (let i = 0; i < count; i++) if (model.delete(from + i)) had++;
            expect(table.unmap(from * PAGE_SIZE, count * PAGE_SIZE)).toBe(had * PAGE_SIZE);
          }
        }
        const found = new Map<number, { to: number; write: boolean }>();
        let last = -1;
        for (const { iova, bytes, physical, write } of table.entries()) {
          expect(iova).toBeGreaterThan(last);
          last = iova;
          for (let at = 0; at < bytes; at += PAGE_SIZE) {
            found.set((iova + at) / PAGE_SIZE, { to: (physical + at) / PAGE_SIZE, write });
          }
        }
        expect([...found]).toEqual([...model].sort(([a], [b]) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('walks garbage within bounds, and says what it left out', () => {
    const notes: TableNote[] = [];
    const onNote = (note: TableNote): void => void notes.push(note);
    const nothing: MemoryReader = { read32: () => 0xffff_ffff };
    const memory = { ...nothing, write32: () => {} };
    expect([...SecondLevelTable.at(0x1000, { memory, levels: 4 }).entries({ onNote })]).toEqual([]);
    expect(notes.length).toBe(512);
    expect(notes[0]).toEqual({ kind: 'unreadable', entryAddress: 0x1000, level: 4 });

    const kernel = storage();
    const table = new SecondLevelTable({ ...kernel, levels: 4 });
    kernel.memory.write32(table.root + 8, table.root + 3, 0);
    notes.length = 0;
    expect([...table.entries({ onNote })]).toEqual([]);
    expect(notes).toEqual([{ kind: 'loop', entryAddress: table.root + 8, level: 4 }]);
  });

  it('gives up a table of endless pages', () => {
    // Every entry points to the next page, so nothing repeats on the way down.
    const endless: MemoryReader = {
      read32: (address) =>
        address % 8 === 0 ? ((Math.floor(address / 8) * PAGE_SIZE) % 0x4000_0000) | 3 : 0,
    };
    const memory = { ...endless, write32: () => {} };
    const notes: TableNote[] = [];
    const options = { tableLimit: 40, onNote: (note: TableNote): void => void notes.push(note) };
    let leaves = 0;
    for (const _ of SecondLevelTable.at(0x1000, { memory, levels: 4 }).entries(options)) leaves++;
    expect(leaves).toBeLessThanOrEqual(40 * 512);
    expect(notes.filter((note) => note.kind === 'limit').length).toBe(1);
  });
});

const captured = fileURLToPath(new URL('../../../../../shared/ground-truth/', import.meta.url));

describe.skipIf(!existsSync(`${captured}vtd-pages`))('the tables of a real kernel', () => {
  const pages = new Map<number, DataView>();
  const memory = {
    read32: (address: Address): number =>
      pages.get(address - (address % PAGE_SIZE))?.getUint32(address % PAGE_SIZE, true) ?? 0xffff_ffff,
    write32: (): void => {
      throw new Error('a captured image is not written');
    },
  };
  if (existsSync(`${captured}vtd-pages`)) {
    for (const name of readdirSync(`${captured}vtd-pages`)) {
      const address = /^mem-([0-9a-f]+)\.bin$/.exec(name)?.[1];
      if (address === undefined) continue;
      const bytes = new Uint8Array(readFileSync(`${captured}vtd-pages/${name}`));
      pages.set(Number.parseInt(address, 16), new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    }
  }

  it('translate as it was written down', () => {
    const root = RootTable.at(0x606_0000, { memory, scalable: false });
    let requesterId = -1;
    let compared = 0;
    for (const line of readFileSync(`${captured}vtd-walk.txt`, 'utf8').split('\n')) {
      const device = /^([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]): root\[/.exec(line);
      if (device !== null) {
        const [bus, dev, fn] = device.slice(1).map((text) => Number.parseInt(text, 16)) as [
          number,
          number,
          number,
        ];
        requesterId = (bus << 8) | (dev << 3) | fn;
      }
      const walk = /iova=0x([0-9a-f]+) -> gpa=0x([0-9a-f]+)/.exec(line);
      if (walk === null) continue;
      const words = root.context(requesterId) as readonly number[];
      const table = SecondLevelTable.at(contextPageTable(words[0] as number, words[1] as number), {
        memory,
        levels: contextLevels(words[2] as number),
      });
      const [iova, physical] = walk.slice(1).map((text) => Number.parseInt(text, 16)) as [number, number];
      expect(table.lookup(iova), line).toMatchObject({ present: true, physical, read: true, write: true });
      compared++;
    }
    expect(compared).toBeGreaterThan(8);
  });

  it('has a context entry for each device, with the domain that was written down', () => {
    const root = RootTable.at(0x606_0000, { memory, scalable: false });
    const found = [...root.contexts()].map(({ requesterId }) => requesterId);
    for (const requester of [0x0020, 0x00d8, 0x0100, 0x0400, 0x0600, 0x0700])
      expect(found).toContain(requester);
    expect(root.context(0x0100)).toEqual([0x61b_7001, 0, 0xa01, 0]);
  });
});
