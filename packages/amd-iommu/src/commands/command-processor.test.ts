import { expect, it } from 'vitest';
import { AmdEvent } from '../events/event-entry.ts';
import { amdEventName } from '../events/event-names.ts';
import { AmdControl, AmdStatus, amdRegister } from '../registers/iommu-registers.ts';
import { ringRegister } from '../registers/ring.ts';
import { COMMANDS, COMPLETION, DISK, NIC, UnitFixture } from '../testing/unit-fixture.ts';
import {
  Command,
  completionWait,
  invalidateAll,
  invalidateDeviceTableEntry,
  invalidateDomain,
  invalidateInterruptTable,
  invalidatePage,
} from './command-words.ts';

const BOTH = { read: true, write: true };

it('stores the value of a completion when it gets there', () => {
  const lab = new UnitFixture().enable();
  expect(lab.completes(0x1234)).toBe(true);
  expect(lab.unit.readRegister32(amdRegister.commandHead)).toBe(16);
});

it('sets the completion interrupt where the command asks for it', () => {
  let raised = 0;
  const lab = new UnitFixture({ onInterrupt: () => raised++ }).enable();
  const [word0, ...rest] = completionWait(COMPLETION, 1) as [number, number, number, number];
  lab.command([word0 - 1 + 2, ...rest]);
  expect(lab.memory.read32(COMPLETION)).toBe(0);
  expect(lab.status & AmdStatus.completionWaitInterrupt).not.toBe(0);
  lab.unit.writeRegister32(amdRegister.status, AmdStatus.completionWaitInterrupt);
  expect(lab.status & AmdStatus.completionWaitInterrupt).toBe(0);
  expect(raised).toBe(0);
  const on = AmdControl.iommu | AmdControl.commandBuffer | AmdControl.completionWaitInterrupt;
  lab.unit.writeRegister32(amdRegister.control, on);
  lab.command([word0 - 1 + 2, ...rest]);
  expect(raised).toBe(1);
});

it('carries nothing out while it is off, and all of it when it is switched on', () => {
  const lab = new UnitFixture();
  expect(lab.completes(7)).toBe(false);
  lab.unit.writeRegister32(amdRegister.control, AmdControl.commandBuffer);
  expect(lab.memory.read32(COMPLETION)).toBe(0);
  lab.enable();
  expect(lab.memory.read32(COMPLETION)).toBe(7);
});

it('goes round the end of the buffer', () => {
  const lab = new UnitFixture().enable();
  for (let i = 1; i <= 600; i++) expect(lab.completes(i)).toBe(true);
  expect(lab.unit.readRegister32(amdRegister.commandHead)).toBe((600 * 16) % 8192);
});

it('stops at a command that it does not know until it is switched off and on', () => {
  const lab = new UnitFixture().enable();
  lab.command([0, 0xf000_0000, 0, 0]);
  expect(lab.log()).toEqual([
    { code: AmdEvent.illegalCommand, requesterId: 0, domainId: 0, flags: 0, address: COMMANDS },
  ]);
  expect(lab.completes(5)).toBe(false);
  lab.unit.writeRegister32(amdRegister.control, AmdControl.iommu | AmdControl.eventLog);
  lab.unit.writeRegister32(amdRegister.commandHead, 16);
  lab.enable();
  expect(lab.memory.read32(COMPLETION)).toBe(5);
});

it('calls INVALIDATE_IOMMU_ALL illegal where the features lack it', () => {
  const lab = new UnitFixture({ features: { low: 0, high: 0 } }).enable();
  lab.command(invalidateAll());
  expect(lab.log()[0]?.code).toBe(AmdEvent.illegalCommand);
});

it('reports a buffer that cannot be read', () => {
  const lab = new UnitFixture().enable();
  lab.unit.writeWide(amdRegister.commandBuffer, ringRegister(0x8000_0000, 512));
  lab.command(completionWait(COMPLETION, 1));
  expect(lab.heard[0]).toMatchObject({ code: AmdEvent.commandHardwareError, address: 0x8000_0000 });
  expect(lab.status & AmdStatus.commandBufferRunning).toBe(0);
});

it('drops one page, a range of pages, a domain, or everything', () => {
  const lab = new UnitFixture().enable();
  const pages = lab.attach(NIC, 5);
  pages.map(0, 0x1000_0000, 0x10_000, BOTH);
  lab.attach(DISK, 6).map(0, 0x2000_0000, 0x10_000, BOTH);
  const fill = (): void => {
    for (let at = 0; at < 0x10_000; at += 4096) for (const id of [NIC, DISK]) lab.dma(id, at);
  };
  const held = (id: number): boolean[] => [0, 0x1000, 0x3000, 0x4000].map((at) => lab.dma(id, at).steady);
  fill();
  expect(held(NIC)).toEqual([true, true, true, true]);
  lab.command(invalidatePage(5, 0x1234));
  expect(held(NIC)).toEqual([true, false, true, true]);
  // S with bit 12 set and bit 13 clear: 16 KiB from 0.
  const [word0, word1, word2, word3] = invalidatePage(5, 0x1000) as [number, number, number, number];
  lab.command([word0, word1, word2 + 1, word3]);
  expect(held(NIC)).toEqual([false, false, false, true]);
  expect(held(DISK)).toEqual([true, true, true, true]);
  lab.command(invalidateDomain(6));
  expect(held(DISK)).toEqual([false, false, false, false]);
  fill();
  lab.command(invalidateAll());
  expect(held(NIC)[3]).toBe(false);
});

it('forgets the entry of one device alone', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5).map(0, 0x1000_0000, 4096, BOTH);
  lab.attach(DISK, 6).map(0, 0x2000_0000, 4096, BOTH);
  lab.dma(NIC, 0);
  lab.dma(DISK, 0);
  lab.attach(NIC, 7);
  lab.attach(DISK, 8);
  lab.command(invalidateDeviceTableEntry(NIC));
  expect(lab.dma(NIC, 0).allowed).toBe(false);
  expect(lab.dma(DISK, 0).allowed).toBe(true);
});

it('lets two devices fight for one slot of a small cache', () => {
  const lab = new UnitFixture({ deviceTableCache: 1 }).enable();
  lab.attach(NIC, 5).map(0, 0x1000_0000, 4096, BOTH);
  lab.attach(DISK, 6).map(0, 0x2000_0000, 4096, BOTH);
  lab.dma(NIC, 0);
  lab.attach(NIC, 7);
  expect(lab.dma(NIC, 0).allowed).toBe(true);
  lab.dma(DISK, 0);
  expect(lab.dma(NIC, 0).allowed).toBe(false);
});

it('carries invalidations to devices, and reports one that does not answer', () => {
  const asked: [number, number, number][] = [];
  const lab = new UnitFixture({
    onDeviceTlbInvalidate: (requesterId, address, bytes) => {
      asked.push([requesterId, address, bytes]);
      return requesterId === NIC;
    },
  }).enable();
  const command = Command.invalidateDeviceTlbPages * 2 ** 28;
  lab.command([NIC, command, 0x7000, 0], [DISK, command, 0x7fff_f001, 0]);
  expect(asked).toEqual([
    [NIC, 0x7000, 4096],
    [DISK, 0, 0x1_0000_0000],
  ]);
  expect(lab.log().map(({ code }) => amdEventName(code))).toEqual(['IOTLB_INV_TIMEOUT']);
  expect(new UnitFixture().enable().log()).toEqual([]);
});

it('drops the interrupt entries of a device', () => {
  const lab = new UnitFixture().enable();
  lab.command(invalidateInterruptTable(NIC));
  expect(lab.completes(1)).toBe(true);
});

it('stores completions inside the completion store alone once SNP is in force', () => {
  const lab = new UnitFixture({ locked: true });
  lab.unit.writeWide(amdRegister.storeBase, { low: COMPLETION, high: 0 });
  lab.unit.writeWide(amdRegister.storeLimit, { low: COMPLETION, high: 0 });
  lab.enable();
  expect(lab.completes(1)).toBe(true);
  expect(lab.completes(2, COMPLETION + 0xff8)).toBe(true);
  expect(lab.completes(3, COMPLETION + 0x1000)).toBe(false);
});
