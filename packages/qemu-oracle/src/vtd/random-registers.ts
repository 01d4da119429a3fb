import { registerOffset } from '@quiesce/vtd-iommu';
import fc from 'fast-check';
import { FAULT_RECORD, TE } from './reset-steps.ts';
import type { Scenario, Step } from './scenario.ts';

/** Registers that both sides have, by dword. IVA is write-only; QEMU shows IQA as it was last latched. */
export const comparedRegisters: readonly number[] = [
  0x00, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x58, 0x5c,
  0x64, 0x80, 0x84, 0x88, 0x8c, 0x9c, 0xa0, 0xa4, 0xa8, 0xac, 0xb8, 0xbc, 0xf0, 0xf4,
];

/** One write that a driver could make, meaningful or not, but without bits that start a command in memory. */
const write: fc.Arbitrary<Step> = fc
  .oneof(
    {
      weight: 3,
      // Enable bits restated with at most one pulse. Not QIE, which QEMU does not switch off at will.
      arbitrary: fc.record({
        offset: fc.constant(registerOffset.GCMD as number),
        value: fc
          .tuple(
            fc.oneof(
              { weight: 9, arbitrary: fc.constant<number>(TE) },
              { weight: 1, arbitrary: fc.constant<number>(0) },
            ),
            fc.constantFrom(0, 0x0200_0000),
            fc.constantFrom(0, 0x0080_0000),
            fc.constantFrom(0, 0, 0x4000_0000, 0x0100_0000, 0x0800_0000, 0x2000_0000),
          )
          .map(([te, ire, cfi, pulse]) => te + ire + cfi + pulse),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        offset: fc.constant(0x20),
        value: fc.integer({ min: 0x200, max: 0x3fff }).map((page) => page * 0x1000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        offset: fc.constant(0xb8),
        value: fc
          .tuple(fc.integer({ min: 0x200, max: 0x3fff }), fc.nat({ max: 15 }))
          .map(([page, size]) => page * 0x1000 + size),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        offset: fc.constantFrom(0x3c, 0x40, 0x44, 0xa4, 0xa8, 0xac, 0x28, 0xf0, 0xf4),
        value: fc.integer({ min: 0, max: 0xffff_ffff }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        offset: fc.constantFrom(0x38, 0xa0),
        value: fc.constantFrom(0x8000_0000, 0),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        offset: fc.constantFrom(0x00, 0x08, 0x10, 0x1c, 0x58, 0x64, 0x80, 0x88),
        // The tail of a queue that is off: its low bits are no index.
        value: fc.integer({ min: 0, max: 0xffff_ffff }).map((value) => (value & 0xfff0_0000) >>> 0),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        { offset: registerOffset.FSTS as number, value: 0x1 },
        { offset: FAULT_RECORD + 12, value: 0x8000_0000 },
      ),
    },
  )
  .map(({ offset, value }): Step => ({ do: 'register', offset, value }));

/** A request that the empty root table refuses; its record stays. */
const fault: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('dma' as const),
  requester: fc.constantFrom(0, 3),
  write: fc.boolean(),
  address: fc.constant(0x7654_3210),
  keep: fc.constant(true),
});

/** Register writes in any order; after each, every register and what the unit has sent. */
export function randomRegisters(): fc.Arbitrary<Scenario> {
  return fc
    .array(fc.oneof({ weight: 9, arbitrary: write }, { weight: 1, arbitrary: fault }), {
      minLength: 1,
      maxLength: 10,
    })
    .map((steps) => {
      const reads = comparedRegisters.map((offset): Step => ({ do: 'read', offset }));
      return [...reads, ...steps.flatMap((step): Step[] => [step, ...reads, { do: 'messages' }])];
    });
}
