import { registerOffset } from '@quiesce/vtd-iommu';
import fc from 'fast-check';
import type { Invalidation } from './invalidation.ts';
import { requesterId } from './model-driver.ts';
import { requesters } from './requesters.ts';
import { QUEUE, TE } from './reset-steps.ts';
import type { Scenario, Step } from './scenario.ts';

/** Where the interrupt-remapping table stands. */
const TABLE = 0x1e_0000;
const STATUS = QUEUE + 0x1000;
const [IRE, SIRTP, CFI, QIE] = [0x0200_0000, 0x0100_0000, 0x0080_0000, 0x0400_0000];

interface Entry {
  readonly index: number;
  readonly present: boolean;
  readonly faultDisable: boolean;
  /** Bits 7:2: destination mode, redirection hint, trigger mode, delivery mode. */
  readonly modes: number;
  readonly vector: number;
  readonly destination: number;
  /** Whose requester ID stands in SID. */
  readonly requester: number;
  /** What of it is changed. */
  readonly sourceBits: number;
  readonly qualifier: number;
  readonly validation: number;
  /** One of the reserved bits, by dword, or none. */
  readonly flaw: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  index: fc.nat({ max: 5 }),
  present: fc.integer({ min: 0, max: 7 }).map((n) => n > 0),
  faultDisable: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  // Fixed and lowest priority: others would reset the processor that nobody runs.
  modes: fc.nat({ max: 15 }),
  vector: fc.integer({ min: 0x10, max: 0xff }),
  destination: fc.nat({ max: 0xff }),
  requester: fc.nat({ max: requesters.length - 1 }),
  sourceBits: fc.constantFrom(0, 0, 0, 1, 2, 4, 7, 8, 0x100, 0x300),
  qualifier: fc.nat({ max: 3 }),
  validation: fc.constantFrom(0, 0, 1, 1, 1, 2, 3),
  flaw: fc.oneof({ weight: 7, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat({ max: 6 }) }),
});

/** Bits that are reserved, or mean a posted entry, by {@link Entry.flaw}: dword and bit. */
const flaws: readonly (readonly [number, number])[] = [
  [0, 0x1000],
  [0, 0x0100_0000],
  [0, 0x8000],
  [1, 0x1],
  [1, 0x1_0000],
  [2, 0x0010_0000],
  [3, 0x1],
];

function entryWords(one: Entry, extended: boolean): number[] {
  const words = [
    (one.present ? 1 : 0) |
      (one.faultDisable ? 2 : 0) |
      ((one.modes & 7) << 2) |
      ((one.modes >>> 3) << 5) |
      (one.vector << 16),
    extended ? one.destination : one.destination << 8,
    (requesterId(one.requester) ^ one.sourceBits) | (one.qualifier << 16) | (one.validation << 18),
    0,
  ];
  const flaw = flaws[one.flaw];
  if (flaw !== undefined) words[flaw[0]] = ((words[flaw[0]] as number) | flaw[1]) >>> 0;
  return words.map((word) => word >>> 0);
}

type Operation =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | {
      readonly kind: 'message';
      readonly requester: number;
      readonly handle: number;
      readonly subhandle: boolean;
      readonly data: number;
    }
  | {
      readonly kind: 'compatibility';
      readonly requester: number;
      readonly destination: number;
      readonly vector: number;
    }
  | { readonly kind: 'enable'; readonly remapping: boolean; readonly compatibility: boolean }
  | { readonly kind: 'invalidate'; readonly all: boolean; readonly index: number; readonly mask: number };

const requester = fc.nat({ max: requesters.length - 1 });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('entry' as const), entry }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      requester,
      handle: fc.oneof(
        { weight: 8, arbitrary: fc.nat({ max: 5 }) },
        { weight: 1, arbitrary: fc.constantFrom(6, 15, 16, 0x7fff, 0x8000, 0xffff) },
      ),
      subhandle: fc.boolean(),
      data: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 0x8000) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('compatibility' as const),
      requester,
      destination: fc.nat({ max: 0x7e }),
      vector: fc.integer({ min: 0x10, max: 0xff }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('enable' as const),
      remapping: fc.boolean(),
      compatibility: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('invalidate' as const),
      all: fc.boolean(),
      index: fc.nat({ max: 5 }),
      mask: fc.nat({ max: 2 }),
    }),
  },
);

/** Messages through interrupt-remapping tables, valid and broken. `extendable`: the unit has ECAP.EIM. */
export function randomInterrupts(extendable: boolean): fc.Arbitrary<Scenario> {
  return fc
    .record({
      extended: extendable ? fc.boolean() : fc.constant(false),
      size: fc.constantFrom(1, 2, 3, 15),
      entries: fc.array(entry, { minLength: 2, maxLength: 5 }),
      operations: fc.array(operation, { minLength: 1, maxLength: 12 }),
    })
    .map(({ extended, size, entries, operations }) => {
      const steps: Step[] = [];
      const register = (offset: number, value: number, invalidates?: readonly Invalidation[]): void => {
        steps.push({ do: 'register', offset, value: value >>> 0, ...(invalidates ? { invalidates } : {}) });
      };
      const put = (one: Entry): void => {
        steps.push({ do: 'memory', address: TABLE + one.index * 16, words: entryWords(one, extended) });
      };
      for (const one of entries) put(one);
      register(registerOffset.IQA, QUEUE);
      register(registerOffset.IQT, 0);
      register(registerOffset.IRTA, TABLE + (extended ? 0x800 : 0) + size);
      let command = TE + QIE;
      register(registerOffset.GCMD, command);
      register(registerOffset.GCMD, command + SIRTP);
      command += IRE;
      register(registerOffset.GCMD, command);
      let tail = 0;
      for (const one of operations) {
        if (one.kind === 'entry') put(one.entry);
        else if (one.kind === 'enable') {
          command = TE + QIE + (one.remapping ? IRE : 0) + (one.compatibility ? CFI : 0);
          register(registerOffset.GCMD, command);
        } else if (one.kind === 'message') {
          const address =
            0xfee0_0010 + (one.handle & 0x7fff) * 32 + ((one.handle >>> 15) << 2) + (one.subhandle ? 8 : 0);
          steps.push({ do: 'interrupt', requester: one.requester, address, data: one.data });
        } else if (one.kind === 'compatibility') {
          const address = 0xfee0_0000 + one.destination * 0x1000;
          steps.push({ do: 'interrupt', requester: one.requester, address, data: one.vector });
        } else {
          const count = 2 ** one.mask;
          const index = Math.floor(one.index / count) * count;
          const descriptor = one.all ? [4, 0, 0, 0] : [(0x14 | (one.mask << 27)) >>> 0, index, 0, 0];
          steps.push({ do: 'memory', address: QUEUE + tail, words: [...descriptor, 0x25, 1, STATUS, 0] });
          tail += 32;
          register(registerOffset.IQT, tail, [
            one.all ? { of: 'interrupts' } : { of: 'interrupts', index, count },
          ]);
          steps.push({ do: 'look', address: STATUS });
        }
      }
      return steps;
    });
}
