import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry } from '../tables/context-entry.ts';
import { writeWords } from '../tables/entry-words.ts';
import {
  invalidateAllContexts,
  invalidateAllTranslations,
  invalidateDeviceContext,
  invalidateDeviceTlb,
  invalidateDomainContexts,
  invalidateDomainTranslations,
  invalidatePages,
  invalidatePasidCache,
  invalidatePasidDeviceTlb,
  invalidatePasidPages,
  invalidatePasidTranslations,
  waitDescriptor,
} from '../tables/invalidation-descriptor.ts';
import { pasidEntry } from '../tables/pasid-entry.ts';
import { PasidTable } from '../tables/pasid-table.ts';
import { scalableContextEntry } from '../tables/scalable-context-entry.ts';
import { disk, live, nic, setup, staleTranslations } from '../testing/two-devices.ts';
import {
  scalableCapability,
  scalableExtendedCapability,
  testCapability,
  UnitFixture,
} from '../testing/unit-fixture.ts';

const TE = 0x8000_0000;
const status = 0x70_0000;

describe('stale entries', () => {
  test('translations survive unmapping until they are invalidated', () => {
    const s = staleTranslations();
    expect([live(s, nic), live(s, disk)]).toEqual(['xxxxxxxx', 'xxxxxxxx']);
    s.fixture.queue().submit(invalidateAllTranslations());
    expect([live(s, nic), live(s, disk)]).toEqual(['........', '........']);
  });

  test('a new root table does not help a cached context entry', () => {
    const s = setup();
    s.fixture.dma(nic, 0);
    s.fixture.setRoot(s.fixture.rootTable().address);
    expect(s.fixture.dma(nic, 0x1000).allowed).toBe(true);
    s.fixture.queue().submit(invalidateAllContexts());
    expect(s.fixture.dma(nic, 0x1000).reason).toBe(1);
  });

  test('with CAP.ESRTPS a new root table empties the caches', () => {
    const s = setup({
      capability: { low: testCapability.low, high: (testCapability.high | 0x8000_0000) >>> 0 },
    });
    s.fixture.dma(nic, 0);
    s.fixture.setRoot(s.fixture.rootTable().address);
    expect(s.fixture.dma(nic, 0).reason).toBe(1);
  });

  test('switching translation off and on again keeps what is cached', () => {
    const s = staleTranslations();
    s.fixture.disable(TE);
    s.fixture.enable(TE);
    expect(live(s, nic)).toBe('xxxxxxxx');
  });

  test('a cached permission decides, not the table', () => {
    const s = setup();
    s.table.map(0, 0x0800_0000, 4096, { read: true, write: false });
    s.fixture.dma(nic, 0);
    s.table.map(0, 0x0800_0000, 4096, { read: true, write: true });
    expect(s.fixture.dma(nic, 0, { write: true }).reason).toBe(5);
    s.fixture.queue().submit(invalidatePages(5, 0, 0));
    expect(s.fixture.dma(nic, 0, { write: true }).allowed).toBe(true);
  });

  test('what is not present is cached in caching mode alone', () => {
    const plain = setup();
    const caching = setup({ capability: { low: testCapability.low | 0x80, high: testCapability.high } });
    for (const s of [plain, caching]) {
      expect(s.fixture.dma(nic, 0x9000).reason).toBe(6);
      expect(s.fixture.dma(0x300, 0x9000).reason).toBe(1);
      s.table.map(0x9000, 0x0900_0000, 4096, { read: true, write: true });
      s.root.setContext(0x300, contextEntry({ pageTable: s.table.root, domainId: 5 }));
    }
    expect(plain.fixture.dma(nic, 0x9000).allowed).toBe(true);
    expect(plain.fixture.dma(0x300, 0x9000).allowed).toBe(true);
    expect(caching.fixture.dma(nic, 0x9000).reason).toBe(6);
    expect(caching.fixture.dma(0x300, 0x9000).reason).toBe(1);
    caching.fixture.queue().submit(invalidatePages(5, 0x9000, 0), invalidateDomainContexts(0));
    expect(caching.fixture.dma(nic, 0x9000).allowed).toBe(true);
    expect(caching.fixture.dma(0x300, 0x9000).allowed).toBe(true);
  });
});

describe('queued invalidation', () => {
  test('of a domain, and of pages', () => {
    const s = staleTranslations();
    const queue = s.fixture.queue();
    queue.submit(invalidatePages(5, 0x2000, 1));
    expect([live(s, nic), live(s, disk)]).toEqual(['xx..xxxx', 'xxxxxxxx']);
    queue.submit(invalidateDomainTranslations(6));
    expect([live(s, nic), live(s, disk)]).toEqual(['xx..xxxx', '........']);
    queue.submit(invalidatePages(5, 0, 9));
    expect(live(s, nic)).toBe('........');
  });

  test('of more pages than CAP.MAMV allows stops the queue', () => {
    const s = staleTranslations();
    const queue = s.fixture.queue();
    queue.submit(invalidatePages(5, 0, 10));
    expect(live(s, nic)).toBe('xxxxxxxx');
    expect(queue.head).toBe(0);
    expect(s.fixture.unit.readRegister32(registerOffset.FSTS) & 0x10).toBe(0x10);
  });

  test('of pages reaches a superpage that covers them', () => {
    const s = setup();
    s.table.map(0x4000_0000, 0x1000_0000, 0x20_0000, { read: true, write: true, largestLevel: 2 });
    s.fixture.dma(nic, 0x4000_0000);
    s.table.unmap(0x4000_0000, 0x20_0000);
    expect(s.fixture.dma(nic, 0x4010_0000).allowed).toBe(true);
    s.fixture.queue().submit(invalidatePages(5, 0x4010_0000, 0));
    expect(s.fixture.dma(nic, 0x4010_0000).allowed).toBe(false);
  });

  test('of context entries: domain, device, function mask', () => {
    const s = setup();
    const queue = s.fixture.queue();
    const functions = [0, 1, 4, 7].map((f) => 0x500 + f);
    const fill = () => {
      for (const id of functions) {
        s.root.setContext(id, contextEntry({ pageTable: s.table.root, domainId: 8 }));
        s.fixture.dma(id, 0);
        s.root.clearContext(id);
      }
    };
    const cached = () => functions.map((id) => (s.fixture.dma(id, 0).allowed ? 'x' : '.')).join('');
    fill();
    queue.submit(invalidateDomainContexts(9));
    expect(cached()).toBe('xxxx');
    queue.submit(invalidateDeviceContext(9, 0x500));
    expect(cached()).toBe('xxxx');
    queue.submit(invalidateDeviceContext(8, 0x500));
    expect(cached()).toBe('.xxx');
    queue.submit(invalidateDeviceContext(8, 0x501, 1));
    expect(cached()).toBe('..xx');
    queue.submit(invalidateDeviceContext(8, 0x500, 3));
    expect(cached()).toBe('....');
    fill();
    queue.submit(invalidateDomainContexts(8));
    expect(cached()).toBe('....');
  });

  test('wait descriptors write their status and raise the completion event', () => {
    const events: number[] = [];
    const s = setup({ onInvalidationEvent: (_address, data) => events.push(data) });
    const queue = s.fixture.queue();
    s.fixture.unit.writeRegister32(registerOffset.IECTL + 4, 0x77);
    queue.submit(waitDescriptor(status, 0x1234_5678));
    expect(s.fixture.memory.read32(status)).toBe(0x1234_5678);
    expect(s.fixture.unit.readRegister32(registerOffset.ICS)).toBe(0);
    queue.submit(waitDescriptor(status, 1, { interrupt: true, fence: true }));
    expect(s.fixture.unit.readRegister32(registerOffset.ICS)).toBe(1);
    expect(s.fixture.unit.readRegister32(registerOffset.IECTL)).toBe(0xc000_0000);
    s.fixture.unit.writeRegister32(registerOffset.IECTL, 0);
    expect(events).toEqual([0x77]);
    s.fixture.unit.writeRegister32(registerOffset.ICS, 1);
    expect(s.fixture.unit.readRegister32(registerOffset.ICS)).toBe(0);
  });

  test('wraps around in its ring, in either width', () => {
    for (const wide of [false, true]) {
      const s = wide
        ? setup({ capability: scalableCapability, extendedCapability: scalableExtendedCapability })
        : setup();
      const queue = s.fixture.queue(wide, 0);
      const slots = queue.bytes / queue.step;
      for (let i = 0; i < 2 * slots + 3; i++) {
        queue.submit(waitDescriptor(status, i));
        expect(s.fixture.memory.read32(status)).toBe(i);
        expect(queue.head).toBe(queue.tail);
      }
    }
  });

  test('a bad descriptor freezes the queue until software clears IQE', () => {
    const s = setup();
    const queue = s.fixture.queue();
    const at = queue.address + 16;
    queue.submit(waitDescriptor(status, 1), [0xf, 0, 0, 0], waitDescriptor(status, 2));
    expect(s.fixture.memory.read32(status)).toBe(1);
    expect(queue.head).toBe(16);
    expect(s.fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0x10);
    expect(s.fixture.unit.readRegister32(registerOffset.IQERCD)).toBe(3);
    // Linux overwrites the descriptor with a wait and clears the error.
    writeWords(s.fixture.memory, at, waitDescriptor(status + 4, 9), 0);
    s.fixture.unit.writeRegister32(registerOffset.FSTS, 0x10);
    expect(s.fixture.memory.read32(status + 4)).toBe(9);
    expect(s.fixture.memory.read32(status)).toBe(2);
    expect(queue.head).toBe(queue.tail);
  });

  test.each([
    ['reserved bits', [1 | (1 << 4) | 0x100, 0, 0, 0], 4],
    ['reserved granularity', [2, 0, 0, 0], 4],
    ['a PASID descriptor in a queue of 16-byte descriptors', [7 | (3 << 4), 0, 0, 0], 5],
  ])('%s are an error', (_name, words, information) => {
    const s = setup();
    s.fixture.queue().submit(words);
    expect(s.fixture.unit.readRegister32(registerOffset.IQERCD)).toBe(information);
  });

  test('a queue where nothing is, and a tail beyond its end', () => {
    const s = setup();
    s.fixture.unit.writeWide(registerOffset.IQA, 0x4000_0000, 0);
    s.fixture.enable(0x0400_0000);
    s.fixture.unit.writeRegister32(registerOffset.IQT, 16);
    expect(s.fixture.unit.readRegister32(registerOffset.IQERCD)).toBe(2);
    const t = setup();
    t.fixture.queue();
    t.fixture.unit.writeRegister32(registerOffset.IQT, 4096);
    expect(t.fixture.unit.readRegister32(registerOffset.IQERCD)).toBe(1);
  });

  test('switching it off sends the head back to 0, as whoever takes over has to know', () => {
    const s = setup();
    const queue = s.fixture.queue();
    queue.submit(waitDescriptor(status, 1));
    s.fixture.disable(0x0400_0000);
    expect(queue.head).toBe(0);
    s.fixture.memory.write32(status, 0, 0);
    s.fixture.enable(0x0400_0000);
    // The tail still says 16: the old descriptor is carried out again.
    expect(s.fixture.memory.read32(status)).toBe(1);
  });
});

describe('device-TLB invalidation', () => {
  test('tells the range that the size flag means', () => {
    const calls: unknown[] = [];
    const s = setup({ onDeviceTlbInvalidate: (...call) => calls.push(call) });
    s.fixture
      .queue()
      .submit(
        invalidateDeviceTlb(nic, 0x5000, false),
        invalidateDeviceTlb(nic, 0x1_3000, true),
        invalidateDeviceTlb(nic, 2 ** 52 - 4096, true),
      );
    expect(calls).toEqual([
      [nic, 0x5000, 4096, -1],
      [nic, 0x1_0000, 0x8000, -1],
      [nic, 0, Number.POSITIVE_INFINITY, -1],
    ]);
  });

  test('that is never answered is a time-out: the wait is given up', () => {
    const s = setup({ onDeviceTlbInvalidate: () => false });
    const queue = s.fixture.queue();
    queue.submit(
      invalidateDeviceTlb(nic, 0, false),
      waitDescriptor(status, 1),
      waitDescriptor(status + 4, 2),
    );
    expect(s.fixture.unit.readRegister32(registerOffset.FSTS)).toBe(0x40);
    expect(s.fixture.unit.readRegister32(registerOffset.IQERCD + 4)).toBe(nic);
    expect(queue.head).toBe(32);
    expect(s.fixture.memory.read32(status)).toBe(0);
    s.fixture.unit.writeRegister32(registerOffset.FSTS, 0x40);
    expect(s.fixture.memory.read32(status + 4)).toBe(2);
    expect(s.fixture.memory.read32(status)).toBe(0);
  });
});

describe('PASID descriptors', () => {
  function scalable(): { s: UnitFixture; pasids: PasidTable; live(pasid: number): boolean } {
    const s = new UnitFixture({
      capability: scalableCapability,
      extendedCapability: scalableExtendedCapability,
    });
    const root = s.rootTable(true);
    const pasids = new PasidTable({ memory: s.memory, allocatePage: s.allocatePage });
    for (const pasid of [1, 2]) {
      const firstLevelTable = s.firstLevel(0x4000, 0x0800_0000);
      pasids.setEntry(
        pasid,
        pasidEntry({ translationType: 1, domainId: 4, firstLevelTable, pageWalkSnoop: true }),
      );
    }
    root.setContext(nic, scalableContextEntry({ pasidDirectory: pasids.directory, pasidEnable: true }));
    s.setRoot(root.address, 1);
    s.enable(TE);
    return { s, pasids, live: (pasid) => s.dma(nic, 0x4000, { pasid }).allowed };
  }

  test('invalidate the PASID cache by PASID, domain and wholly', () => {
    for (const [descriptor, left] of [
      [invalidatePasidCache(1, 4, 1), [false, true]],
      [invalidatePasidCache(0, 3), [true, true]],
      [invalidatePasidCache(0, 4), [false, false]],
      [invalidatePasidCache(3), [false, false]],
    ] as const) {
      const { s, pasids, live } = scalable();
      expect([live(1), live(2)]).toEqual([true, true]);
      for (const pasid of [1, 2]) s.memory.write32(pasids.entryAddress(pasid) as number, 0, 0);
      expect([live(1), live(2)]).toEqual([true, true]);
      s.queue(true).submit(descriptor);
      expect([live(1), live(2)]).toEqual(left);
    }
  });

  test('invalidate translations by PASID and page', () => {
    for (const [descriptor, left] of [
      [invalidatePasidTranslations(4, 1), [false, true]],
      [invalidatePasidPages(4, 2, 0x4000, 0), [true, false]],
      [invalidatePasidPages(4, 2, 0x5000, 0), [true, true]],
      [invalidateDomainTranslations(4), [false, false]],
    ] as const) {
      const { s, pasids, live } = scalable();
      expect([live(1), live(2)]).toEqual([true, true]);
      for (const pasid of [1, 2]) {
        // The table's root loses its entry.
        const entry = pasids.entryAddress(pasid) as number;
        s.memory.write32(s.memory.read32(entry + 16) & ~0xfff, 0, 0);
      }
      s.queue(true).submit(descriptor);
      expect([live(1), live(2)]).toEqual(left);
    }
  });

  test('reach the device with the PASID', () => {
    const calls: unknown[] = [];
    const s = new UnitFixture({
      capability: scalableCapability,
      extendedCapability: scalableExtendedCapability,
      onDeviceTlbInvalidate: (...call) => calls.push(call),
      onPageGroupResponse: (...call) => calls.push(call),
    });
    s.queue(true).submit(invalidatePasidDeviceTlb(nic, 7, 0x3000, false), [
      0x0100_1019,
      0x7,
      (5 << 3) | 4,
      0,
      0,
      0,
      0,
      0,
    ]);
    expect(calls).toEqual([
      [nic, 0x3000, 4096, 7],
      [nic, 7, 5, 1],
    ]);
  });
});
