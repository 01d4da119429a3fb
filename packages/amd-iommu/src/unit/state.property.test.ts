import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  invalidateAll,
  invalidateDeviceTableEntry,
  invalidateDomain,
  invalidatePage,
} from '../commands/command-words.ts';
import { AmdControl, AmdStatus, amdRegister } from '../registers/iommu-registers.ts';
import { DISK, NIC, UnitFixture } from '../testing/unit-fixture.ts';
import type { AmdUnit } from './amd-unit.ts';

function hashOf(unit: AmdUnit): string {
  const hash = new RunningHash();
  unit.hashInto(hash);
  return hash.digest();
}

const device = fc.constantFrom(NIC, DISK, 0x0300, 0x0900);
const address = fc.integer({ min: 0, max: 31 }).map((page) => page * 4096 + 8);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('dma' as const), device, address, write: fc.boolean() }),
  },
  fc.record({ kind: fc.constant('map' as const), device, address, write: fc.boolean() }),
  fc.record({ kind: fc.constant('unmap' as const), device, address, write: fc.boolean() }),
  fc.record({ kind: fc.constant('flush' as const), device, address, write: fc.boolean() }),
  fc.record({ kind: fc.constant('interrupt' as const), device, address, write: fc.boolean() }),
);

it('changes no state when a request that it calls steady comes again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 1, 8), (steps, deviceTableCache) => {
      const lab = new UnitFixture({ deviceTableCache }).enable();
      const pages = new Map([
        [NIC, lab.attach(NIC, 5)],
        [DISK, lab.attach(DISK, 6, { suppressesFaults: true })],
      ]);
      for (const one of steps) {
        const page = one.address - 8;
        if (one.kind === 'map')
          pages.get(one.device)?.map(page, 0x1000_0000 + page, 4096, { read: true, write: one.write });
        if (one.kind === 'unmap') pages.get(one.device)?.unmap(page, 4096);
        if (one.kind === 'flush') lab.command(one.write ? invalidateDomain(5) : invalidatePage(6, page));
        if (one.kind === 'interrupt') lab.interrupt(one.device, page / 4096);
        if (one.kind !== 'dma') continue;
        const first = { ...lab.dma(one.device, one.address, one.write) };
        if (!first.steady) continue;
        const before = hashOf(lab.unit);
        expect(lab.dma(one.device, one.address, one.write)).toEqual(first);
        expect(hashOf(lab.unit)).toBe(before);
        // The same answer for every dword as far as it says that it holds.
        if (!first.allowed || first.validFor < 8) continue;
        const last = lab.dma(one.device, one.address + first.validFor - 4, one.write);
        expect(last.address).toBe(first.address + first.validFor - 4);
      }
    }),
    { numRuns: 150 },
  );
});

it('translates as the tables say once everything is invalidated', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(address, fc.boolean()), { maxLength: 20 }), (maps) => {
      const lab = new UnitFixture().enable();
      const pages = lab.attach(NIC, 5);
      for (const [at, write] of maps) {
        pages.map(at - 8, 0x1000_0000 + at - 8, 4096, { read: true, write });
        lab.dma(NIC, at);
      }
      lab.command(invalidateAll(), invalidateDeviceTableEntry(NIC));
      for (const [at] of maps) expect(lab.dma(NIC, at, false).address).toBe(pages.lookup(at));
    }),
    { numRuns: 100 },
  );
});

it('has the same hash after a restore, and another one with other state', () => {
  const lab = new UnitFixture().enable();
  lab.attach(NIC, 5).map(0, 0x1000_0000, 4096, { read: true, write: true });
  const empty = hashOf(lab.unit);
  lab.dma(NIC, 0);
  const filled = hashOf(lab.unit);
  expect(filled).not.toBe(empty);
  const state = lab.unit.snapshot();
  lab.unit.reset('cold');
  expect(hashOf(lab.unit)).not.toBe(filled);
  lab.unit.restore(state);
  expect(hashOf(lab.unit)).toBe(filled);
});

it('raises the event interrupt where software has asked for it, on overflow too', () => {
  let raised = 0;
  const lab = new UnitFixture({ onInterrupt: () => raised++ }).enable();
  lab.attach(NIC, 5);
  lab.dma(NIC, 0);
  expect(raised).toBe(0);
  const on = AmdControl.iommu | AmdControl.eventLog | AmdControl.commandBuffer | AmdControl.eventInterrupt;
  lab.unit.writeRegister32(amdRegister.control, on);
  lab.dma(NIC, 0);
  expect(raised).toBe(1);
  expect(lab.status & AmdStatus.eventLogInterrupt).not.toBe(0);
  for (let i = 0; i < 600; i++) lab.dma(NIC, 0);
  expect(raised).toBe(511);
});
