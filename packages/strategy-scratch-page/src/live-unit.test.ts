import { onePort, switchAndDisplay } from '@quiesce/strategy/contract';
import {
  contextEntry,
  PasidTable,
  pasidEntry,
  RootTable,
  SECOND_LEVEL_TRANSLATION,
  SecondLevelTable,
  scalableContextEntry,
} from '@quiesce/vtd-iommu';
import { describe, expect, test } from 'vitest';
import { LiveMachine } from './testing/live-machine.ts';

const NIC = 0x0100;
const RING = 0xffff_c000;
const BUFFER = 0x0400_2000;

/** Old tables, to put more into. */
function oldRoot(live: LiveMachine): RootTable {
  let next = 0x0680_0000;
  const allocatePage = () => {
    next += 4096;
    return next - 4096;
  };
  const { memory, unit } = live.machine;
  return RootTable.at(unit.rootTable, { memory, scalable: false, allocatePage });
}

function oldTable(live: LiveMachine, requesterId: number): SecondLevelTable {
  let next = 0x0690_0000;
  const allocatePage = () => {
    next += 4096;
    return next - 4096;
  };
  const root = ((oldRoot(live).context(requesterId)?.[0] ?? 0) & 0xffff_f000) >>> 0;
  return SecondLevelTable.at(root, { memory: live.machine.memory, levels: 3, allocatePage });
}

describe('memory of the old kernel', () => {
  test('is written by nobody any more, and reads as it did', () => {
    const live = new LiveMachine(onePort);
    live.machine.memory.write32(BUFFER + 0x10, 0xcafe_f00d);
    live.startTranslation();
    expect(live.dma(NIC, RING).address).toBe(BUFFER);
    live.run('irqRemapInit');
    const { allowed, address } = live.dma(NIC, RING);
    expect(allowed).toBe(true);
    expect(live.machine.memory.owns(address)).toBe(true);
    expect(live.dma(NIC, RING, false).address).toBe(address);
    expect(live.machine.memory.read32(address + 0x10)).toBe(0xcafe_f00d);
  });

  test('stays where it is if a device may only read it', () => {
    const live = new LiveMachine(onePort);
    oldTable(live, NIC).map(0x8000_0000, 0x0500_0000, 4096, { read: true, write: false });
    live.startTranslation();
    live.boot();
    expect(live.dma(NIC, 0x8000_0000, false)).toMatchObject({ allowed: true, address: 0x0500_0000 });
    expect(live.dma(NIC, 0x8000_0000, true).allowed).toBe(false);
  });

  test('is not copied if a device may only write it: that lands on the scratch page, and so does everything else', () => {
    const live = new LiveMachine(onePort);
    oldTable(live, NIC).map(0x8000_0000, 0x0500_0000, 4096, { read: false, write: true });
    live.startTranslation();
    live.run('irqRemapInit');
    const sink = live.dma(NIC, 0x8000_0000).address;
    expect(live.machine.memory.owns(sink)).toBe(true);
    for (const wild of [0, 0x1234_5000, 0x8000_1000, 0xffff_d000, 2 ** 38]) {
      expect(live.dma(NIC, wild)).toMatchObject({ allowed: true, address: sink });
    }
    expect(live.faults).toBe(0);
  });

  test('sinks where nothing may be copied', () => {
    const live = new LiveMachine(onePort, { options: { shadowPages: 0 } });
    live.startTranslation();
    live.run('irqRemapInit');
    expect(live.dma(NIC, RING).address).toBe(live.dma(NIC, 0).address);
  });
});

test('no request is refused, and none goes out untranslated, at any moment of the change', () => {
  const live = new LiveMachine(onePort);
  live.startTranslation();
  let requests = 0;
  live.between = () => {
    expect(live.dma(NIC, RING)).toMatchObject({ allowed: true, untranslated: false });
    requests++;
  };
  live.boot();
  expect(requests).toBeGreaterThan(5);
  expect(live.faults).toBe(0);
});

test('a driver maps beside the sink, and the unit follows', () => {
  const live = new LiveMachine(onePort);
  live.startTranslation();
  live.boot();
  const adopted = live.machine.kernelCalls
    .filter(({ name }) => name === 'adoptDomain')
    .map(
      ({ arguments: [domain] }) => domain as { readonly requesterId: number; readonly pageTableRoot: number },
    )
    .find(({ requesterId }) => requesterId === NIC);
  expect(adopted).toMatchObject({
    domainId: 2,
    levels: 3,
    reserved: [
      { start: 0, end: 0x8000_0000 },
      { start: 0xc000_0000, end: 0x1_0000_0000 },
    ],
  });
  const { memory } = live.machine;
  const table = SecondLevelTable.at(adopted?.pageTableRoot ?? 0, {
    memory,
    levels: 3,
    allocatePage: () => memory.allocate(4096),
  });
  table.map(0xbfff_f000, 0x3100_0000, 4096, { read: true, write: true });
  live.flush();
  expect(live.dma(NIC, 0xbfff_f008)).toMatchObject({ allowed: true, address: 0x3100_0008 });
  // Nobody else got the mapping.
  expect(live.dma(0x0101, 0xbfff_f000).allowed).toBe(false);
});

test('a requester that the old kernel had no entry for is contained with the rest', () => {
  const live = new LiveMachine(switchAndDisplay);
  const root = oldRoot(live);
  root.clearContext(0x0700);
  root.clearContext(0x0720);
  live.startTranslation();
  live.run('irqRemapInit');
  expect(live.dma(0x0700, RING).allowed).toBe(false);
  live.run('iommuInit');
  // Its own ID, and that of the bridge that speaks for it.
  for (const id of [0x0700, 0x0720]) expect(live.dma(id, RING)).toMatchObject({ allowed: true });
});

test('physical addresses stay physical, beside a window for the driver; or they sink', () => {
  for (const [passThrough, kept] of [
    ['keep', true],
    ['sink', false],
  ] as const) {
    const live = new LiveMachine(onePort, { options: { passThrough } });
    oldRoot(live).setContext(NIC, contextEntry({ translationType: 2, levels: 3, domainId: 5 }));
    live.startTranslation();
    expect(live.dma(NIC, BUFFER)).toMatchObject({ allowed: true, address: BUFFER });
    live.boot();
    expect(live.dma(NIC, BUFFER).allowed).toBe(true);
    expect(live.dma(NIC, BUFFER).address === BUFFER).toBe(kept);
    expect(live.machine.kernelCalls.find(({ name }) => name === 'adoptDomain')).toBeDefined();
    expect(live.dma(NIC, 0xc000_0000).allowed).toBe(false);
    expect(live.dma(0x0101, BUFFER).address).not.toBe(BUFFER);
  }
});

test('without the interrupt half the tables are built where translation is set up', () => {
  const live = new LiveMachine(onePort);
  live.startTranslation();
  live.run('iommuInit');
  expect(live.machine.memory.owns(live.dma(NIC, RING).address)).toBe(true);
});

test('a display goes on reading what it shows, and writes nothing', () => {
  const live = new LiveMachine(switchAndDisplay);
  live.startTranslation();
  const shown = live.dma(0x0100, RING, false).address;
  live.boot();
  expect(live.dma(0x0100, RING, false)).toMatchObject({ allowed: true, address: shown });
  expect(live.dma(0x0100, RING, true).allowed).toBe(false);

  const sunk = new LiveMachine(switchAndDisplay, { options: { displays: 'sink' } });
  sunk.startTranslation();
  sunk.boot();
  expect(sunk.machine.memory.owns(sunk.dma(0x0100, RING, false).address)).toBe(true);
});

test('firmware finds its reserved regions where they are', () => {
  const live = new LiveMachine(onePort);
  live.startTranslation();
  const reservedRegions = [{ start: 0x7f00_0000, end: 0x7f00_2000, requesterIds: [0x00d8] }];
  live.run('irqRemapInit', { reservedRegions });
  expect(live.dma(0x00d8, 0x7f00_1234)).toMatchObject({ allowed: true, address: 0x7f00_1234 });
  expect(live.dma(NIC, 0x7f00_1234).address).not.toBe(0x7f00_1234);
});

test('translation that was off is switched on over the sink', () => {
  const live = new LiveMachine(onePort);
  expect(live.dma(NIC, BUFFER).untranslated).toBe(true);
  live.boot();
  const { allowed, address, untranslated } = live.dma(NIC, BUFFER);
  expect([allowed, untranslated]).toEqual([true, false]);
  expect(live.machine.memory.owns(address)).toBe(true);
});

test('a kernel without remapping keeps its physical addresses, and old traffic sinks all the same', () => {
  const live = new LiveMachine(onePort);
  live.startTranslation();
  live.run('irqRemapInit');
  const kernel = { adoptRootTable: () => {}, invalidateTranslations: () => live.flush(), translates: false };
  live.run('iommuInit', { kernel });
  expect(live.dma(NIC, 0x3123_4560)).toMatchObject({ allowed: true, address: 0x3123_4560 });
  expect(live.dma(NIC, RING).address).not.toBe(BUFFER);
});

test('scalable mode: an entry for requests without PASID and for each PASID there was', () => {
  // Scalable mode, second level, PASID.
  const live = new LiveMachine(onePort, { extended: { low: 0x00f0_0f4a, high: 0x0000_49a0 } });
  const { memory } = live.machine;
  let next = 0x0680_0000;
  const allocatePage = () => {
    next += 4096;
    return next - 4096;
  };
  const storage = { memory, allocatePage };
  const table = new SecondLevelTable({ ...storage, levels: 3 });
  table.map(RING, BUFFER, 4096, { read: true, write: true });
  const pasids = new PasidTable(storage);
  const entry = {
    translationType: SECOND_LEVEL_TRANSLATION,
    domainId: 7,
    secondLevelTable: table.root,
  } as const;
  for (const pasid of [0, 70]) pasids.setEntry(pasid, pasidEntry({ ...entry, secondLevelLevels: 3 }));
  const root = new RootTable({ ...storage, scalable: true });
  root.setContext(NIC, scalableContextEntry({ pasidDirectory: pasids.directory, pasidEnable: true }));
  live.startTranslation(root.address + 0x400);
  live.boot();
  const { allowed, address } = live.dma(NIC, RING);
  expect(allowed).toBe(true);
  expect(memory.owns(address)).toBe(true);
  const now = live.unit.readRegister32(0x20);
  expect(now % 4096).toBe(0x400);
  const words = RootTable.at(now - 0x400, { memory, scalable: true }).context(NIC) ?? [];
  const directory = PasidTable.at(((words[0] ?? 0) & 0xffff_f000) >>> 0, { memory });
  expect(directory.entry(70)).toEqual(directory.entry(0));
  expect(directory.entry(71)?.[0]).toBe(0);
});
