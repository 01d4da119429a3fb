import { describe, expect, it } from 'vitest';
import { GlobalError } from '../events/global-errors.ts';
import { registerOffset } from '../registers/register-block.ts';
import {
  CommandOpcode,
  invalidateAddress,
  invalidateAllStreams,
  invalidateAllTranslations,
  invalidateAsid,
  invalidateContext,
  invalidateContexts,
  invalidateDeviceTlb,
  invalidateStream,
  invalidateStreamRange,
  invalidateTranslationsOfVmid,
  invalidateVmid,
} from '../tables/command.ts';
import { PageTable } from '../tables/page-table.ts';
import { abortStreamEntry, bypassStreamEntry, stage2StreamEntry } from '../tables/stream-entry.ts';
import { queueBaseValue } from '../tables/table-registers.ts';
import { CMDQEN, EVENTQEN, SMMUEN, testIdr0, UnitFixture } from '../testing/unit-fixture.ts';
import { CommandError } from './command-queue.ts';

const NIC = 0x0100;
const OVERFLOW = 0x8000_0000;
const GERROR_IRQEN = 1;
const EVENTQ_IRQEN = 4;

/** Two streams of stage 1 (ASIDs 1 and 2) and one of stage 2 (VMID 9), each with a page cached that is gone by now. */
function stale(): UnitFixture {
  const fixture = new UnitFixture().start();
  for (const [stream, asid] of [
    [0x0100, 1],
    [0x0200, 2],
  ] as const) {
    const { pages } = fixture.attach(stream, asid);
    pages.map(0x1000, 0x20_0000, 4096, { read: true, write: true });
    fixture.dma(stream, 0x1000);
    pages.unmap(0x1000, 4096);
  }
  const guest = new PageTable({ ...fixture.storage, stage: 2, levels: 4 });
  guest.map(0x1000, 0x20_0000, 4096, { read: true, write: true });
  fixture.table.setEntry(0x0300, stage2StreamEntry({ pageTable: guest.root, levels: 4, vmid: 9 }));
  fixture.dma(0x0300, 0x1000);
  guest.unmap(0x1000, 4096);
  return fixture;
}

describe('TLB invalidations', () => {
  it.each([
    ['CMD_TLBI_NH_ALL', invalidateTranslationsOfVmid(0), [false, false, true]],
    ['CMD_TLBI_NH_ALL of another VMID', invalidateTranslationsOfVmid(9), [true, true, true]],
    ['CMD_TLBI_NH_ASID', invalidateAsid(1), [false, true, true]],
    ['CMD_TLBI_NH_VA', invalidateAddress(2, 0x1000), [true, false, true]],
    ['CMD_TLBI_NH_VA of another page', invalidateAddress(2, 0x2000), [true, true, true]],
    ['CMD_TLBI_NH_VAA', [CommandOpcode.tlbAddressAllAsids, 0, 0x1000, 0], [false, false, true]],
    ['CMD_TLBI_S12_VMALL', invalidateVmid(9), [true, true, false]],
    ['CMD_TLBI_S2_IPA', [CommandOpcode.tlbIntermediateAddress, 9, 0x1000, 0], [true, true, false]],
    ['CMD_TLBI_NSNH_ALL', invalidateAllTranslations(), [false, false, false]],
    ['CMD_CFGI_ALL', invalidateAllStreams(), [true, true, true]],
    ['CMD_PREFETCH_CONFIG', [CommandOpcode.prefetchConfig, NIC, 0, 0], [true, true, true]],
  ])('%s reaches what it names', (_name, command, remains) => {
    const fixture = stale();
    fixture.submit(command);
    expect([0x0100, 0x0200, 0x0300].map((stream) => fixture.dma(stream, 0x1000).allowed)).toEqual(remains);
  });

  it('reach blocks by any address in them', () => {
    const fixture = new UnitFixture().start();
    const { pages } = fixture.attach(NIC, 1);
    pages.map(0x20_0000, 0x40_0000, 0x20_0000, { read: true, write: true }, 0x20_0000);
    pages.map(0x4000_0000, 0, 0x4000_0000, { read: true, write: true }, 0x4000_0000);
    fixture.dma(NIC, 0x20_0000);
    fixture.dma(NIC, 0x4000_0000);
    pages.unmap(0x20_0000, 0x20_0000);
    pages.unmap(0x4000_0000, 0x4000_0000);
    fixture.submit(invalidateAddress(1, 0x3f_f000));
    expect(fixture.dma(NIC, 0x20_0000).allowed).toBe(false);
    expect(fixture.dma(NIC, 0x4000_0000).allowed).toBe(true);
    fixture.submit([CommandOpcode.tlbAddressAllAsids, 0, 0x7000_0000, 0]);
    expect(fixture.dma(NIC, 0x4000_0000).allowed).toBe(false);
  });
});

describe('configuration invalidations', () => {
  it.each([
    ['CMD_CFGI_STE', invalidateStream(NIC), [false, true]],
    ['CMD_CFGI_STE_RANGE', invalidateStreamRange(NIC, 1), [false, false]],
    ['CMD_CFGI_ALL', invalidateAllStreams(), [false, false]],
    ['CMD_CFGI_CD', invalidateContext(NIC), [false, true]],
    ['CMD_CFGI_CD_ALL', invalidateContexts(NIC), [false, true]],
    ['CMD_CFGI_CD of another substream', invalidateContext(NIC, 4), [true, true]],
    ['CMD_TLBI_NSNH_ALL', invalidateAllTranslations(), [true, true]],
  ])('%s reaches what it names', (_name, command, remains) => {
    const fixture = new UnitFixture().start();
    for (const stream of [NIC, NIC + 1]) {
      fixture.table.setEntry(stream, bypassStreamEntry());
      fixture.dma(stream, 0x1000);
      fixture.table.setEntry(stream, abortStreamEntry());
    }
    fixture.submit(command);
    expect([NIC, NIC + 1].map((stream) => fixture.dma(stream, 0x1000).allowed)).toEqual(remains);
  });

  it('are needed as long as the cache has room: the least lucky of many streams is read again', () => {
    const fixture = new UnitFixture().start();
    const streams = Array.from({ length: 4096 }, (_, i) => i);
    for (const stream of streams) {
      fixture.table.setEntry(stream, bypassStreamEntry());
      fixture.dma(stream, 0x1000);
    }
    for (const stream of streams) fixture.table.setEntry(stream, abortStreamEntry());
    // Backwards: the newest first, before what is read again takes their places.
    const still = streams.reverse().filter((stream) => fixture.dma(stream, 0x1000).allowed);
    expect(still.length).toBeGreaterThan(0);
    expect(still.length).toBeLessThanOrEqual(512);
  });
});

it('translations are replaced when there are too many of them', () => {
  const fixture = new UnitFixture().start();
  const { pages } = fixture.attach(NIC, 1);
  const count = 4096;
  pages.map(0, 0x1000_0000, count * 4096, { read: true, write: true });
  for (let i = 0; i < count; i++) fixture.dma(NIC, i * 4096);
  pages.unmap(0, count * 4096);
  let still = 0;
  for (let i = 0; i < count; i++) if (fixture.dma(NIC, i * 4096).allowed) still++;
  expect(still).toBeGreaterThan(0);
  expect(still).toBeLessThanOrEqual(2048);
});

describe('the command queue', () => {
  it('goes round', () => {
    const fixture = new UnitFixture().start();
    for (let i = 0; i < 40; i++) fixture.submit(invalidateAllStreams());
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(fixture.read(registerOffset.CMDQ_PROD));
    expect(fixture.read(registerOffset.CMDQ_PROD)).toBe(80 % 32);
  });

  it('waits until it is enabled', () => {
    const fixture = new UnitFixture().start(SMMUEN);
    fixture.submit(invalidateAllStreams());
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(0);
    fixture.write(registerOffset.CR0, SMMUEN | CMDQEN);
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(2);
  });

  it.each([
    ['an unknown command', [0x7f, 0, 0, 0], {}],
    ['a stage 2 command without stage 2', invalidateVmid(1), { idr0: testIdr0 & ~1 }],
    ['another', [CommandOpcode.tlbIntermediateAddress, 1, 0, 0], { idr0: testIdr0 & ~1 }],
    ['an ATS command without ATS', invalidateDeviceTlb(NIC, 0, 52), { idr0: testIdr0 & ~0x400 }],
  ])('stops at %s until the error is acknowledged', (_what, command, options) => {
    const fixture = new UnitFixture(options).start();
    fixture.write(registerOffset.IRQ_CTRL, GERROR_IRQEN);
    fixture.submit(command);
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(CommandError.illegal * 0x100_0000);
    expect(fixture.read(registerOffset.GERROR)).toBe(GlobalError.commandQueue);
    expect(fixture.interrupts).toEqual(['global-error']);
    fixture.submit(invalidateAllStreams());
    expect(fixture.read(registerOffset.CMDQ_CONS) & 0xf_ffff, 'the queue stands still').toBe(0);
    // A driver puts a CMD_SYNC in the place of the bad one, then acknowledges (arm_smmu_cmdq_skip_err).
    fixture.memory.write32(fixture.commandQueue, CommandOpcode.sync, 0);
    fixture.write(registerOffset.CMDQ_PROD, fixture.read(registerOffset.CMDQ_PROD));
    expect(fixture.read(registerOffset.CMDQ_CONS) & 0xf_ffff, 'not yet').toBe(0);
    fixture.write(registerOffset.GERRORN, GlobalError.commandQueue);
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(fixture.read(registerOffset.CMDQ_PROD));
  });

  it('that is nowhere is an abort', () => {
    const fixture = new UnitFixture().start(SMMUEN);
    const { low, high } = queueBaseValue(0x8000_0000, 4);
    fixture.unit.writeWide(registerOffset.CMDQ_BASE, low, high);
    fixture.write(registerOffset.CR0, SMMUEN | CMDQEN);
    fixture.write(registerOffset.CMDQ_PROD, 1);
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(CommandError.abort * 0x100_0000);
  });

  it('carries invalidations to devices, and fails a CMD_SYNC if one does not answer', () => {
    const asked: (readonly number[])[] = [];
    let answers = true;
    const fixture = new UnitFixture({
      onDeviceTlbInvalidate: (...request) => {
        asked.push(request);
        return answers;
      },
    }).start();
    fixture.submit(invalidateDeviceTlb(NIC, 0x1234_5000, 1), invalidateDeviceTlb(NIC, 0, 52));
    expect(asked).toEqual([
      [NIC, 0x1234_4000, 8192],
      [NIC, 0, 2 ** 52],
    ]);
    answers = false;
    fixture.submit(invalidateDeviceTlb(NIC, 0, 52));
    expect(fixture.read(registerOffset.CMDQ_CONS) >>> 24).toBe(CommandError.deviceTlb);
    fixture.write(registerOffset.GERRORN, GlobalError.commandQueue);
    expect(fixture.read(registerOffset.CMDQ_CONS)).toBe(fixture.read(registerOffset.CMDQ_PROD));
  });
});

describe('the event queue', () => {
  it('interrupts where it is asked to', () => {
    const fixture = new UnitFixture().start();
    fixture.dma(NIC, 0x1000);
    expect(fixture.interrupts).toEqual([]);
    fixture.write(registerOffset.IRQ_CTRL, EVENTQ_IRQEN);
    fixture.dma(NIC, 0x1000);
    expect(fixture.interrupts).toEqual(['event-queue']);
  });

  it('loses what finds no room, says so once, and is steady then', () => {
    const fixture = new UnitFixture().start();
    const outcomes = Array.from({ length: 6 }, (_, i) => fixture.dma(NIC, i * 4096).steady);
    expect(outcomes).toEqual([false, false, false, false, false, true]);
    const prod = fixture.read(registerOffset.EVENTQ_PROD);
    expect(prod).toBe(OVERFLOW + 4);
    expect(fixture.takeEvents().map(({ number }) => number)).toEqual([2, 2, 2, 2]);
    expect(fixture.dma(NIC, 0).steady).toBe(false);
    expect(fixture.events()).toHaveLength(1);
  });

  it('records nothing while it is off', () => {
    const fixture = new UnitFixture().start(SMMUEN | CMDQEN);
    expect(fixture.dma(NIC, 0)).toMatchObject({ allowed: false, steady: true });
    expect(fixture.read(registerOffset.EVENTQ_PROD)).toBe(0);
  });

  it('that is nowhere is a global error, once', () => {
    const fixture = new UnitFixture().start(SMMUEN);
    const { low, high } = queueBaseValue(0x8000_0000, 2);
    fixture.unit.writeWide(registerOffset.EVENTQ_BASE, low, high);
    fixture.write(registerOffset.CR0, SMMUEN | EVENTQEN);
    fixture.dma(NIC, 0);
    fixture.dma(NIC, 0);
    expect(fixture.read(registerOffset.GERROR)).toBe(GlobalError.eventQueueAbort);
    expect(fixture.read(registerOffset.EVENTQ_PROD)).toBe(0);
  });

  it('tells whoever listens of every refusal, recorded or not', () => {
    const faults: unknown[] = [];
    const fixture = new UnitFixture({ onFault: (fault) => faults.push(fault) }).start(SMMUEN);
    fixture.dma(NIC, 0x1040, { write: true });
    expect(faults).toEqual([{ event: 2, streamId: NIC, address: 0x1040, write: true }]);
  });
});

it('a failure of the unit shows in GERROR', () => {
  const fixture = new UnitFixture();
  fixture.unit.raiseServiceFailure();
  expect(fixture.read(registerOffset.GERROR)).toBe(GlobalError.serviceFailure);
});
