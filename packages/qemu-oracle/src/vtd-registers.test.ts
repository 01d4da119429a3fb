import { preset } from '@quiesce/machine';
import { PhysicalMemory, RandomStream } from '@quiesce/simulation';
import { VtdUnit } from '@quiesce/vtd-iommu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviations } from './deviations.ts';
import { QtestSession } from './qtest-session.ts';

const BASE = 0xfed9_0000;
/** Registers that both sides have, by dword. */
const OFFSETS = [
  0x00, 0x08, 0x0c, 0x10, 0x14, 0x1c, 0x20, 0x24, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x64, 0x80, 0x84, 0x88, 0x8c,
  0x90, 0x94, 0x9c, 0xa0, 0xa4, 0xa8, 0xac, 0xb8, 0xbc,
];
/** Bits that are compared of each dword. */
const masks = new Map(
  OFFSETS.map((offset) => [
    offset,
    deviations
      .filter((one) => one.offset === offset)
      .reduce((mask, one) => (mask & ~one.bits) >>> 0, 0xffff_ffff),
  ]),
);
const SEQUENCES = 200;
const STEPS = 12;

const present = QtestSession.available();

function newUnit(): VtdUnit {
  const description = preset('q35-lab').units[0];
  if (description === undefined) throw new Error('q35-lab has no unit');
  const wide = (hex: string) => ({
    low: Number.parseInt(hex.slice(8), 16),
    high: Number.parseInt(hex.slice(0, 8), 16),
  });
  return new VtdUnit({
    name: description.name,
    segment: 0,
    registerBase: description.registerBase,
    version: description.version,
    capability: wide(description.capability),
    extendedCapability: wide(description.extendedCapability),
    memory: new PhysicalMemory([{ start: 0, end: 0x800_0000, owner: 'first-kernel' }]),
  });
}

interface Write {
  readonly offset: number;
  readonly value: number;
}

/** One write that a driver could make, meaningful or not, but without bits that start a command in memory. */
function randomWrite(random: RandomStream): Write {
  const pick = <T>(from: readonly T[]): T => from[random.nextInteger(0, from.length - 1)] as T;
  // Not QIE: QEMU refuses to switch a queue off whose last descriptor was not a wait.
  const enables = [0x8000_0000, 0x0200_0000];
  const pulses = [0x4000_0000, 0x0100_0000, 0, 0];
  switch (random.nextInteger(0, 5)) {
    case 0:
    case 1: {
      // Enable bits restated with at most one pulse.
      let value = pick(pulses);
      for (const bit of enables) if (random.nextBoolean()) value |= bit;
      return { offset: 0x18, value: value >>> 0 };
    }
    case 2:
      return { offset: 0x20, value: (random.nextUint32() & 0x03ff_f000) >>> 0 };
    case 3:
      return { offset: 0xb8, value: (random.nextUint32() & 0x03ff_f00f) >>> 0 };
    case 4:
      return { offset: pick([0x3c, 0x40, 0x44, 0xa4, 0xa8, 0xac]), value: random.nextUint32() };
    default:
      return { offset: pick([0x38, 0xa0]), value: pick([0x8000_0000, 0]) };
  }
}

describe.skipIf(!present)(
  'VT-d registers, on the model and on QEMU (skipped where qemu-system-x86 is absent)',
  () => {
    let qemu: QtestSession;
    beforeAll(async () => {
      qemu = await QtestSession.open(['-device', 'intel-iommu,intremap=on']);
    });
    afterAll(() => qemu?.close());

    const readAll = async (): Promise<number[]> =>
      qemu.run(OFFSETS.map((offset) => `readl 0x${(BASE + offset).toString(16)}`));

    const seen = new Set<number>();

    const compare = (unit: VtdUnit, theirs: readonly number[], story: string): void => {
      for (const [index, offset] of OFFSETS.entries()) {
        const mask = masks.get(offset) as number;
        const ours = unit.readRegister32(offset);
        if (((ours ^ (theirs[index] as number)) & ~mask) !== 0) seen.add(offset);
        const text = `register 0x${offset.toString(16)}: model 0x${ours.toString(16)}, QEMU 0x${theirs[index]?.toString(16)} ${story}`;
        expect(((ours & mask) >>> 0).toString(16), text).toBe(
          (((theirs[index] as number) & mask) >>> 0).toString(16),
        );
      }
    };

    it('have the same reset values', async () => {
      compare(newUnit(), await readAll(), 'after reset');
    });

    it(`answer alike after every step of ${SEQUENCES} random sequences`, async () => {
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const random = new RandomStream(seed);
        const unit = newUnit();
        // A unit that was never reset keeps the state of the last sequence: both are brought to the same one.
        for (const { offset, value } of [
          { offset: 0x18, value: 0 },
          { offset: 0x20, value: 0 },
          { offset: 0xb8, value: 0 },
          ...[0x3c, 0x40, 0x44, 0xa4, 0xa8, 0xac].map((one) => ({ offset: one, value: 0 })),
          { offset: 0x18, value: 0x4000_0000 },
          { offset: 0x18, value: 0x0100_0000 },
          ...[0x38, 0xa0].map((one) => ({ offset: one, value: 0x8000_0000 })),
        ]) {
          unit.writeRegister32(offset, value);
          await qemu.run([`writel 0x${(BASE + offset).toString(16)} 0x${value.toString(16)}`]);
        }
        const done: string[] = [];
        for (let step = 0; step < STEPS; step++) {
          const { offset, value } = randomWrite(random);
          done.push(`${offset.toString(16)}<-${value.toString(16)}`);
          unit.writeRegister32(offset, value);
          await qemu.run([`writel 0x${(BASE + offset).toString(16)} 0x${value.toString(16)}`]);
          compare(unit, await readAll(), `seed ${seed}: ${done.join(' ')}`);
        }
      }
    }, 120_000);

    it('deviate wherever a deviation is listed', () => {
      expect([...seen].sort()).toEqual(deviations.map((one) => one.offset).sort());
    });
  },
);
