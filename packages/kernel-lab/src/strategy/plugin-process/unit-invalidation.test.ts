import { preset } from '@quiesce/machine';
import { newDmaRequest, newInterruptOutcome, newTranslationOutcome } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  InterruptTable,
  invalidationQueueWide,
  RootTable,
  remappableMessage,
  rootTableMode,
  SCALABLE_MODE,
  SecondLevelTable,
  UnitRegisters,
} from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { guestAt, labMemory, type Place } from '../testing/guest-at.ts';
import type { ModelGuest } from '../testing/model-guest.ts';
import { OwnPages } from './own-pages.ts';
import { knownUnits } from './unit-handles.ts';
import { UnitInvalidation } from './unit-invalidation.ts';

const NIC = 0x0100;
const GCMD = 0x18;
const RTADDR = 0x20;
const FSTS = 0x34;
const IQH = 0x80;
const IQT = 0x88;
const IQA = 0x90;
const IRTA = 0xb8;

interface Bench {
  readonly guest: ModelGuest;
  readonly unit: RemappingUnitHandle;
  readonly registers: UnitRegisters;
  readonly invalidation: UnitInvalidation;
  /** What the unit says of a request of the card that was allowed when the kernel crashed. */
  reaches(): boolean;
}

/** The card's translation is in the unit's caches, and its context entry is not in memory any more. */
function bench(place: Place): Bench {
  const guest = guestAt(place);
  const { memory, units } = guest.world.hardware;
  const unit = knownUnits(guest.world.machine, guest, () => {}).units[0] as RemappingUnitHandle;
  const pages = new OwnPages(labMemory);
  const invalidation = new UnitInvalidation(unit, guest, () => pages);
  const root = RootTable.at(Math.floor(unit.read32(RTADDR) / 4096) * 4096, { memory, scalable: false });
  const words = root.context(NIC) ?? [];
  const table = SecondLevelTable.at((words[0] as number) - 1, { memory, levels: 3 });
  const iova = table.ranges()[0]?.start as number;
  const reaches = (): boolean => {
    const outcome = newTranslationOutcome();
    units[0]?.translate({ ...newDmaRequest(), requesterId: NIC, address: iova, write: false }, outcome);
    return outcome.allowed;
  };
  expect(reaches()).toBe(true);
  const contexts = memory.read32(root.address + (NIC >>> 8) * 16) - 1;
  guest.writeBytes(contexts + (NIC & 0xff) * 16, new Uint8Array(16));
  expect(reaches()).toBe(true);
  const registers = new UnitRegisters(unit, () => {});
  return { guest, unit, registers, invalidation, reaches };
}

describe('a living kernel’s queue', () => {
  it('is gone round once: head, tail and bytes are afterwards what its driver believes', () => {
    const { guest, unit, registers, invalidation, reaches } = bench('iommuInit');
    expect(registers.queuedInvalidationEnabled).toBe(true);
    const queue = (): number[] => [IQH, IQT, IQA, FSTS].map((offset) => unit.read32(offset));
    const before = queue();
    expect(before[0]).toBe(before[1]);
    expect(before[1]).toBeGreaterThan(0);
    const address = Math.floor((before[2] as number) / 4096) * 4096;
    const bytes = guest.readBytes(address, 4096);
    guest.accesses.length = 0;
    expect(invalidation.translations(false)).toBe(true);
    expect(reaches()).toBe(false);
    expect(guest.readBytes(address, 4096)).toEqual(bytes);
    expect(queue().slice(0, 3)).toEqual(before.slice(0, 3));
    const command = (guest.world.machine.units[0]?.registerBase ?? 0) + GCMD;
    expect(guest.accesses.filter((one) => one.write && one.address === command)).toEqual([]);
  });

  it('is left alone while it is busy', () => {
    const { guest, unit, invalidation, reaches } = bench('iommuInit');
    const address = (guest.world.machine.units[0]?.registerBase ?? 0) + IQH;
    const read = guest.read.bind(guest);
    guest.read = (at, size) => (at === address ? read(at, size) ^ 0x10 : read(at, size));
    const before = unit.read32(IQT);
    expect(invalidation.translations(false)).toBe(false);
    expect(unit.read32(IQT)).toBe(before);
    expect(reaches()).toBe(true);
  });
});

describe('a dead kernel’s queue', () => {
  it('is given up for one of the lab’s, and translation never stops', () => {
    const { unit, registers, invalidation, reaches } = bench('irqRemapInit');
    const old = unit.read32(IQA);
    expect(registers.queuedInvalidationEnabled).toBe(true);
    expect(invalidation.translations(true)).toBe(true);
    expect(reaches()).toBe(false);
    const address = unit.read32(IQA);
    expect(address).not.toBe(old);
    expect(address).toBeGreaterThanOrEqual(labMemory.start);
    expect(address).toBeLessThan(labMemory.end);
    // Its queue serves again, many times round.
    for (let i = 0; i < 300; i++) expect(invalidation.translations(true)).toBe(true);
    expect(unit.read32(IQA)).toBe(address);
    expect(registers.translationEnabled && registers.interruptRemappingEnabled).toBe(true);
  });

  it('cannot flush interrupt entries for anybody, but the lab’s can', () => {
    const { guest, unit, invalidation } = bench('irqRemapInit');
    const { memory, units } = guest.world.hardware;
    const address = Math.floor(unit.read32(IRTA) / 4096) * 4096;
    const table = new InterruptTable({ memory, address, entries: 65_536 });
    const [entry] = [...table.present()];
    const index = entry?.index ?? -1;
    // The source of the entry: SID, bits 79:64.
    const requesterId = memory.read32(address + index * 16 + 8) & 0xffff;
    const delivered = (): boolean => {
      const outcome = newInterruptOutcome();
      units[0]?.remapInterrupt({ segment: 0, requesterId, ...remappableMessage(index, 0) }, outcome);
      return outcome.delivered;
    };
    expect(delivered()).toBe(true);
    guest.writeBytes(address + index * 16, new Uint8Array(16));
    expect(delivered()).toBe(true);
    expect(invalidation.interruptEntries(true)).toBe(true);
    expect(delivered()).toBe(false);
  });
});

it('a unit without queued invalidation is flushed through its registers', () => {
  const { guest, unit, registers, invalidation, reaches } = bench('irqRemapInit');
  unit.write32(GCMD, 0x8200_0000);
  expect(registers.queuedInvalidationEnabled).toBe(false);
  const address = (guest.world.machine.units[0]?.registerBase ?? 0) + 0x10;
  const read = guest.read.bind(guest);
  guest.read = (at, size) => (at === address ? read(at, size) & ~2 : read(at, size));
  expect(invalidation.translations(false)).toBe(true);
  expect(reaches()).toBe(false);
  expect(invalidation.interruptEntries(false)).toBe(false);
  expect(registers.queuedInvalidationEnabled).toBe(false);
});

describe('a unit in scalable mode', () => {
  const scalable = (place: Place): Pick<Bench, 'unit' | 'invalidation' | 'registers' | 'guest'> => {
    const guest = guestAt(place, preset('q35-scalable-lab'));
    const unit = knownUnits(guest.world.machine, guest, () => {}).units[0] as RemappingUnitHandle;
    const pages = new OwnPages(labMemory);
    const invalidation = new UnitInvalidation(unit, guest, () => pages);
    const registers = new UnitRegisters(unit, () => {});
    expect(rootTableMode(unit.read32(RTADDR))).toBe(SCALABLE_MODE);
    return { guest, unit, registers, invalidation };
  };
  const QUEUE_ERRORS = 0x70;

  it('has descriptors of 256 bits in a living kernel’s queue', () => {
    const { unit, invalidation, guest } = scalable('iommuInit');
    const before = [IQH, IQT, IQA].map((offset) => unit.read32(offset));
    expect(invalidationQueueWide(before[2] as number)).toBe(true);
    // QEMU does not say so.
    const address = (guest.world.machine.units[0]?.registerBase ?? 0) + IQA;
    const read = guest.read.bind(guest);
    guest.read = (at, size) => (at === address ? read(at, size) & ~0x800 : read(at, size));
    before[2] = unit.read32(IQA);
    expect(invalidation.translations(false)).toBe(true);
    expect(invalidation.interruptEntries(false)).toBe(true);
    expect([IQH, IQT, IQA].map((offset) => unit.read32(offset))).toEqual(before);
    expect(unit.read32(FSTS) & QUEUE_ERRORS).toBe(0);
  });

  it('and in the lab’s', () => {
    const { unit, invalidation, registers } = scalable('irqRemapInit');
    for (let i = 0; i < 200; i++) expect(invalidation.translations(true)).toBe(true);
    expect(unit.read32(IQA)).toBeGreaterThanOrEqual(labMemory.start);
    expect(invalidationQueueWide(unit.read32(IQA))).toBe(true);
    expect(unit.read32(FSTS) & QUEUE_ERRORS).toBe(0);
    expect(registers.translationEnabled).toBe(true);
  });
});
