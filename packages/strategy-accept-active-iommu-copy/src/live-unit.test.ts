import { type RemappingUnitHandle, resolveOptions } from '@quiesce/strategy';
import { MiniMachine, onePort } from '@quiesce/strategy/contract';
import { RootTable, registerOffset, SecondLevelTable, VtdUnit } from '@quiesce/vtd-iommu';
import { beforeEach, expect, test } from 'vitest';
import { acceptActiveIommuCopy } from './accept-active-iommu-copy.ts';

const TE = 0x8000_0000;
const SRTP = 0x4000_0000;
const NIC = 0x0100;
const RING = 0xffff_c000;
const BUFFER = 0x0400_2000;

let machine: MiniMachine;
let unit: VtdUnit;
let faults: number;

/** One write of the network card into its receive ring: where it lands. */
function dma(requesterId = NIC): { allowed: boolean; address: number; untranslated: boolean } {
  const outcome = {
    allowed: true,
    address: 0,
    validFor: 0,
    reason: 0,
    entryAddress: 0,
    untranslated: false,
    steady: false,
  };
  const request = {
    segment: 0,
    requesterId,
    address: RING,
    length: 16,
    write: true,
    pasid: -1,
    addressType: 0 as const,
    privileged: false,
    execute: false,
  };
  unit.translate(request, outcome);
  const { allowed, address, untranslated } = outcome;
  return { allowed, address, untranslated };
}

const asBefore = { allowed: true, address: BUFFER, untranslated: false };

/** Runs the strategy; `between` is called whenever it has written a register. */
function iommuInit(between: () => void): void {
  const handle: RemappingUnitHandle = {
    name: 'dmar0',
    architecture: 'vt-d',
    segment: 0,
    covers: () => true,
    read32: (offset) => unit.readRegister32(offset),
    write32: (offset, value) => {
      unit.writeRegister32(offset, value);
      between();
    },
  };
  const options = resolveOptions(acceptActiveIommuCopy, {});
  const ctx = machine.contextFor('iommuInit', { options });
  acceptActiveIommuCopy.create(options).iommuInit?.({ ...ctx, units: [handle] });
}

beforeEach(() => {
  machine = new MiniMachine(onePort);
  faults = 0;
  unit = new VtdUnit({
    name: 'dmar0',
    segment: 0,
    registerBase: 0xfed9_0000,
    version: 0x10,
    // As QEMU's unit in the captures.
    capability: { low: 0x2226_0206, high: 0x00d2_008c },
    extendedCapability: { low: 0x00f0_0f4a, high: 0 },
    memory: machine.memory,
    onFault: () => {
      faults++;
    },
  });
  unit.writeWide(registerOffset.RTADDR, machine.unit.rootTable, 0);
  unit.writeRegister32(registerOffset.GCMD, SRTP);
  unit.writeRegister32(registerOffset.GCMD, TE);
});

test('a device that never stops finds its ring at every moment of the change', () => {
  expect(dma()).toEqual(asBefore);
  let requests = 0;
  iommuInit(() => {
    expect(dma()).toEqual(asBefore);
    requests++;
  });
  expect(requests).toBeGreaterThan(5);
  expect(dma()).toEqual(asBefore);
  expect(faults).toBe(0);
});

test('afterwards the old tables may be overwritten: nothing is cached from them and nothing points to them', () => {
  const old = unit.readRegister32(registerOffset.RTADDR);
  expect(dma()).toEqual(asBefore);
  iommuInit(() => {});
  for (let at = old; at < old + 0x2_0000; at += 4) machine.memory.write32(at, 0);
  expect(dma()).toEqual(asBefore);
  expect(dma(0x0101).allowed).toBe(true);
  expect(faults).toBe(0);
  expect(unit.softwareErrors).toBe(0);
});

test('the IOTLB was flushed: a change of the new table is seen by the next request', () => {
  expect(dma()).toEqual(asBefore);
  iommuInit(() => {});
  const { memory } = machine;
  const root = RootTable.at(unit.readRegister32(registerOffset.RTADDR), { memory, scalable: false });
  const pageTable = ((root.context(NIC)?.[0] ?? 0) & 0xffff_f000) >>> 0;
  const { entryAddress } = SecondLevelTable.at(pageTable, { memory, levels: 3 }).lookup(RING);
  memory.write32(entryAddress, 0x0500_0003);
  expect(dma().address).toBe(0x0500_0000);
});

test('a requester that had no entry still has none', () => {
  iommuInit(() => {});
  expect(dma(0x0200).allowed).toBe(false);
  expect(faults).toBe(1);
});
