import { expect, it } from 'vitest';
import { invalidateDeviceTableEntry, invalidateDomain } from '../commands/command-words.ts';
import { AmdEvent, EventFlag } from '../events/event-entry.ts';
import { AmdControl, AmdStatus, amdRegister } from '../registers/iommu-registers.ts';
import { deviceTableRegister } from '../tables/device-table.ts';
import { pageTableEntry } from '../tables/page-entry.ts';
import { DEVICE_TABLE, DISK, NIC, UnitFixture } from '../testing/unit-fixture.ts';

const BOTH = { read: true, write: true };

it('lets everything pass while it is off', () => {
  const lab = new UnitFixture();
  expect(lab.dma(NIC, 0x1234)).toMatchObject({ allowed: true, address: 0x1234, untranslated: true });
});

it('lets a device pass untranslated whose entry is not valid', () => {
  const lab = new UnitFixture().enable();
  expect(lab.dma(NIC, 0xffff_f000)).toMatchObject({
    allowed: true,
    address: 0xffff_f000,
    untranslated: true,
  });
  expect(lab.heard).toEqual([]);
});

it('translates through the page table of the device', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5).map(0xffff_e000, 0x1234_5000, 0x2000, BOTH);
  expect(lab.dma(NIC, 0xffff_e040)).toMatchObject({
    allowed: true,
    address: 0x1234_5040,
    validFor: 0xfc0,
    steady: false,
  });
  expect(lab.dma(NIC, 0xffff_e040)).toMatchObject({
    address: 0x1234_5040,
    steady: true,
    untranslated: false,
  });
  expect(lab.dma(NIC, 0xffff_f004, false)).toMatchObject({ address: 0x1234_6004 });
});

it('logs a page fault with domain, address and direction', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5);
  expect(lab.dma(NIC, 0xfff6_9000)).toMatchObject({ allowed: false, reason: AmdEvent.ioPageFault });
  expect(lab.dma(NIC, 0xfff6_9000, false).allowed).toBe(false);
  expect(lab.log()).toEqual([
    { code: 2, requesterId: NIC, domainId: 5, flags: EventFlag.write, address: 0xfff6_9000 },
    { code: 2, requesterId: NIC, domainId: 5, flags: 0, address: 0xfff6_9000 },
  ]);
});

it('tells permissions of pages and of the entry apart from absence', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5).map(0x1000, 0x8000, 4096, { read: true, write: false });
  expect(lab.dma(NIC, 0x1000, false).allowed).toBe(true);
  expect(lab.dma(NIC, 0x1000).allowed).toBe(false);
  lab.attach(DISK, 6, { write: false }).map(0x1000, 0x8000, 4096, BOTH);
  expect(lab.dma(DISK, 0x1000).allowed).toBe(false);
  expect(lab.log().map((event) => event.flags)).toEqual([0x070, 0x060]);
});

it('refuses a device whose translation is not valid, and passes one in mode 0 by IR and IW alone', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5, { translationValid: false });
  expect(lab.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: AmdEvent.ioPageFault });
  lab.attach(DISK, 6, { levels: 0, write: false });
  expect(lab.dma(DISK, 0x1000, false)).toMatchObject({ allowed: true, untranslated: true });
  expect(lab.dma(DISK, 0x1000).allowed).toBe(false);
});

it('finds illegal entries and devices beyond the table', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5, { levels: 7 });
  expect(lab.dma(NIC, 0).reason).toBe(AmdEvent.illegalDeviceTableEntry);
  expect(lab.dma(0x0800, 0).reason).toBe(AmdEvent.illegalDeviceTableEntry);
  const words = lab.table.words(DISK);
  lab.table.setWords(DISK, [0x41, ...words.slice(1)]);
  expect(lab.dma(DISK, 0).reason).toBe(AmdEvent.illegalDeviceTableEntry);
});

it('reports tables that cannot be read', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5, { pageTable: 0x8000_0000 });
  expect(lab.dma(NIC, 0).reason).toBe(AmdEvent.pageTableHardwareError);
  lab.unit.writeWide(amdRegister.deviceTable, deviceTableRegister(0x8000_0000, 16));
  expect(lab.dma(DISK, 0).reason).toBe(AmdEvent.deviceTableHardwareError);
});

it('suppresses page faults where the entry says so (SA)', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5, { suppressesFaults: true });
  expect(lab.dma(NIC, 0x1000)).toMatchObject({ allowed: false, reason: AmdEvent.ioPageFault });
  expect(lab.dma(NIC, 0x1000).steady).toBe(true);
  expect(lab.log()).toEqual([]);
});

it('keeps a device entry and a translation until they are invalidated', () => {
  const lab = new UnitFixture().enable();
  const pages = lab.attach(NIC, 5);
  pages.map(0x1000, 0x8000, 4096, BOTH);
  lab.dma(NIC, 0x1000);
  pages.unmap(0x1000, 4096);
  expect(lab.dma(NIC, 0x1000).allowed).toBe(true);
  lab.command(invalidateDomain(4));
  expect(lab.dma(NIC, 0x1000).allowed).toBe(true);
  lab.command(invalidateDomain(5));
  expect(lab.dma(NIC, 0x1000).allowed).toBe(false);
  lab.attach(NIC, 6).map(0x1000, 0x9000, 4096, BOTH);
  expect(lab.dma(NIC, 0x1000).allowed).toBe(false);
  lab.command(invalidateDeviceTableEntry(NIC));
  expect(lab.dma(NIC, 0x1000).address).toBe(0x9000);
});

it('looks a request up at a mixed address between the two halves of the base register', () => {
  const lab = new UnitFixture({ deviceTableCache: 0 });
  lab.unit.writeWide(amdRegister.deviceTable, deviceTableRegister(0x1_0100_0000, 16));
  const high = lab.attach(NIC, 5);
  high.map(0x1000, 0x8000, 4096, BOTH);
  // The same entry in a table above 4 GiB, where the register points.
  for (const [i, word] of lab.table.words(NIC).entries()) {
    lab.memory.write32(0x1_0100_0000 + 32 * NIC + 4 * i, word, 0);
  }
  lab.enable();
  expect(lab.dma(NIC, 0x1000).address).toBe(0x8000);
  const { low, high: upper } = deviceTableRegister(DEVICE_TABLE + 0x10_0000, 16);
  lab.unit.writeRegister32(amdRegister.deviceTable, low);
  // Neither table is at 0x1_0110_0000: zeros let the request through as it is.
  expect(lab.dma(NIC, 0x1000)).toMatchObject({
    allowed: true,
    untranslated: true,
    entryAddress: 0x1_0110_2000,
  });
  lab.unit.writeRegister32(amdRegister.deviceTable + 4, upper);
  expect(lab.dma(NIC, 0x1000).entryAddress).toBe(DEVICE_TABLE + 0x10_0000 + 32 * NIC);
});

it('bridges the gap with an entry that it has cached', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5).map(0x1000, 0x8000, 4096, BOTH);
  lab.dma(NIC, 0x1000);
  lab.unit.writeWide(amdRegister.deviceTable, deviceTableRegister(0x3000_0000, 16));
  expect(lab.dma(NIC, 0x1000).address).toBe(0x8000);
});

it('ignores writes to the five base registers once SNP is in force', () => {
  const lab = new UnitFixture({ locked: true });
  expect(lab.unit.basesLocked).toBe(false);
  lab.enable();
  expect(lab.unit.basesLocked).toBe(true);
  for (const offset of [0x00, 0x08, 0x10, 0x20, 0x28]) {
    const before = [lab.unit.readRegister32(offset), lab.unit.readRegister32(offset + 4)];
    lab.unit.writeWide(offset, { low: 0x7777_7000, high: 0x0f0f_0077 });
    expect([lab.unit.readRegister32(offset), lab.unit.readRegister32(offset + 4)]).toEqual(before);
  }
  lab.unit.reset('cold');
  lab.unit.writeRegister32(0, 0x5000_0000);
  expect(lab.unit.readRegister32(0)).toBe(0x5000_0000);
});

it('answers translated requests of devices with a translation cache only where the entry allows it', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5, { deviceTlb: true }).map(0x1000, 0x8000, 4096, BOTH);
  expect(lab.dma(NIC, 0x1000, false, { addressType: 1 }).address).toBe(0x8000);
  expect(lab.dma(NIC, 0x8000, false, { addressType: 2 })).toMatchObject({
    address: 0x8000,
    untranslated: false,
  });
  lab.attach(DISK, 6);
  expect(lab.dma(DISK, 0x8000, false, { addressType: 2 }).reason).toBe(AmdEvent.invalidDeviceRequest);
  expect(lab.dma(NIC, 0x1000, false, { pasid: 3 }).reason).toBe(AmdEvent.invalidDeviceRequest);
});

it('walks superpages, pages of a size in their address, and tables that leave out levels', () => {
  const lab = new UnitFixture().enable();
  const pages = lab.attach(NIC, 5);
  const [root, second] = [pages.root, 0x500_0000];
  const put = (at: number, fields: Parameters<typeof pageTableEntry>[0]): void => {
    for (const [i, word] of pageTableEntry(fields).entries()) lab.memory.write32(at + 4 * i, word, 0);
  };
  // Level 4 straight to a table of level 2.
  put(root, { address: second, nextLevel: 2, ...BOTH });
  put(second + 8, { address: 0x4000_0000, nextLevel: 0, ...BOTH });
  expect(lab.dma(NIC, 0x20_1234).address).toBe(0x4000_1234);
  // 0x8000_7000: bits 12 to 14 are ones, bit 15 is zero: 64 KiB.
  put(second + 16, { address: 0x8000_7000, nextLevel: 7, ...BOTH });
  expect(lab.dma(NIC, 0x40_5678).address).toBe(0x8000_5678);
  // Bits that the left-out level would have used are not 0.
  expect(lab.dma(NIC, 0x4000_0000)).toMatchObject({ allowed: false });
  expect(lab.log().at(-1)?.flags).toBe(EventFlag.write | EventFlag.present | EventFlag.reserved);
  put(root + 8, { address: second, nextLevel: 4, ...BOTH });
  expect(lab.dma(NIC, 2 ** 39).allowed).toBe(false);
  expect(lab.dma(NIC, 2 ** 48).allowed).toBe(false);
});

it('stops logging when the log is full, and starts again when it is switched off and on', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5);
  for (let i = 0; i < 511; i++) lab.dma(NIC, 0x1000);
  expect(lab.status & AmdStatus.eventLogRunning).not.toBe(0);
  lab.dma(NIC, 0x1000);
  expect(lab.status & (AmdStatus.eventOverflow | AmdStatus.eventLogRunning)).toBe(AmdStatus.eventOverflow);
  expect(lab.dma(NIC, 0x1000).steady).toBe(true);
  expect(lab.log()).toHaveLength(511);
  lab.unit.writeRegister32(amdRegister.control, AmdControl.iommu);
  lab.unit.writeRegister32(amdRegister.status, AmdStatus.eventOverflow);
  lab.unit.writeRegister32(amdRegister.eventHead, lab.unit.readRegister32(amdRegister.eventTail));
  lab.enable();
  expect(lab.status & (AmdStatus.eventOverflow | AmdStatus.eventLogRunning)).toBe(AmdStatus.eventLogRunning);
  lab.dma(NIC, 0x1000);
  expect(lab.log()).toHaveLength(1);
});

it('is the same after a snapshot is restored', () => {
  const lab = new UnitFixture().enable();
  const pages = lab.attach(NIC, 5);
  pages.map(0x1000, 0x8000, 4096, BOTH);
  lab.dma(NIC, 0x1000);
  const state = structuredClone(lab.unit.snapshot());
  pages.unmap(0x1000, 4096);
  lab.command(invalidateDomain(5));
  lab.unit.writeRegister32(amdRegister.control, 0);
  expect(lab.dma(NIC, 0x1000).untranslated).toBe(true);
  lab.unit.restore(state);
  expect(lab.dma(NIC, 0x1000).address).toBe(0x8000);
});
