import fc from 'fast-check';
import { buses } from './compile-program.ts';
import type { ContextFlaw, EntryFlaw, Operation, PasidFlaw, Program, RootFlaw } from './operation.ts';
import { places } from './operation.ts';
import { requesters } from './requesters.ts';

/** Mostly `usual`, else one of the others. */
function rarely<T>(usual: T, others: readonly T[], oneIn: number): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: oneIn - 1, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const entryFlaws: readonly EntryFlaw[] = [
  'reserved-high',
  'transient',
  'snoop',
  'below-superpage',
  'absent-pointer',
  'all-ones',
  'page-size-at-top',
  'ignored-bits',
];
const contextFlaws: readonly ContextFlaw[] = [
  'not-present',
  'reserved-low',
  'reserved-high',
  'reserved-word2',
  'reserved-word3',
  'absent-pointer',
  'available-bits',
];
const rootFlaws: readonly RootFlaw[] = [
  'not-present',
  'reserved-low',
  'reserved-high',
  'upper-half',
  'absent-pointer',
];
const pasidFlaws: readonly PasidFlaw[] = [
  'directory-not-present',
  'directory-reserved',
  'directory-absent-pointer',
  'not-present',
  'reserved',
];

/** First dwords: types that there are not, reserved bits, no granularity, a wait for nothing. */
const badDescriptors = [0x0d, 0x00, 0x111, 0x112, 0x125, 0x114, 0x01, 0x02, 0x05];

/** Mostly one of few, so that requests meet what is mapped, and stale translations those who use them. */
function mostly(few: readonly number[], max: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...few) },
    { weight: 1, arbitrary: fc.nat({ max }) },
  );
}

const requester = mostly([0, 3], requesters.length - 1);
const tree = fc.constantFrom(0, 0, 0, 1, 2);
const place = mostly([0, 0, 1], places.length - 1);
const page = mostly([0], 7);
const domain = fc.constantFrom(1, 1, 1, 2, 2, 0xffff);

const map = fc.record({
  kind: fc.constant('map' as const),
  tree,
  place,
  page,
  size: fc.constantFrom<0 | 1 | 2>(0, 0, 0, 1, 2),
  frame: fc.nat({ max: 11 }),
  rights: rarely(3, [0, 1, 2], 3),
  upperRights: rarely(3, [0, 1, 2], 12),
  flaw: rarely<EntryFlaw>('none', entryFlaws, 4),
  flawAbove: fc.nat({ max: 3 }),
});

function context(scalable: boolean): fc.Arbitrary<Operation> {
  return fc.record({
    kind: fc.constant('context' as const),
    requester,
    tree,
    type: scalable ? rarely(2, [0, 1, 3, 4, 4, 4, 5], 6) : rarely(0, [1, 2, 2, 2, 3], 5),
    width: rarely(-1, [0, 1, 2, 3, 4], 10),
    domain,
    faultDisable: rarely(false, [true], 6),
    flaw: rarely<ContextFlaw>('none', contextFlaws, 8),
    pasidFlaw: scalable ? rarely<PasidFlaw>('none', pasidFlaws, 8) : fc.constant<PasidFlaw>('none'),
  });
}

const root = fc.record({
  kind: fc.constant('root' as const),
  bus: fc.constantFrom(...buses),
  flaw: rarely<RootFlaw>('none', rootFlaws, 2),
});

const request = fc.record({
  kind: fc.constant('request' as const),
  requester,
  write: fc.boolean(),
  place,
  page,
  offset: fc.oneof(fc.constant(4), fc.nat({ max: 1023 })),
  keep: rarely(false, [true], 4),
});

const invalidateContexts = fc.record({
  kind: fc.constant('invalidate-contexts' as const),
  scope: fc.constantFrom(1, 2, 3, 3),
  requester,
  domain,
  mask: fc.nat({ max: 3 }),
});

const invalidateTranslations = fc.record({
  kind: fc.constant('invalidate-translations' as const),
  scope: fc.constantFrom(1, 2, 3, 3, 3),
  domain,
  place,
  page,
  addressMask: fc.constantFrom(0, 0, 1, 3, 9, 18, 19),
});

function operation(scalable: boolean): fc.Arbitrary<Operation> {
  return fc.oneof(
    { weight: 12, arbitrary: request },
    { weight: 4, arbitrary: map },
    { weight: 3, arbitrary: context(scalable) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('unmap' as const),
        tree,
        place,
        page,
        above: fc.nat({ max: 2 }),
      }),
    },
    { weight: 1, arbitrary: root },
    { weight: 2, arbitrary: invalidateContexts },
    { weight: 3, arbitrary: invalidateTranslations },
    ...(scalable
      ? [
          {
            weight: 2,
            arbitrary: fc.record({
              kind: fc.constant('invalidate-pasids' as const),
              scope: fc.nat({ max: 1 }),
              domain,
            }),
          },
        ]
      : []),
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('set-root' as const), table: fc.constantFrom(0, 0, 1, 1, 2) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('translation' as const), on: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('bad-descriptor' as const),
        word0: fc.constantFrom(...badDescriptors),
      }),
    },
  );
}

/** Programs for a unit with `levels` as the possible numbers of page-table levels. */
export function randomProgram(scalable: boolean, levels: readonly number[]): fc.Arbitrary<Program> {
  const level = fc.constantFrom(...levels);
  return fc.record({
    scalable: fc.constant(scalable),
    queued: scalable ? fc.constant(true) : fc.boolean(),
    levels: fc.tuple(level, level, level),
    pasid: scalable ? rarely(0, [5, 65, 0xfff], 8) : fc.constant(0),
    setup: fc
      .tuple(
        fc.array(rarely<RootFlaw>('none', rootFlaws, 16), {
          minLength: buses.length,
          maxLength: buses.length,
        }),
        fc.array(context(scalable), { minLength: 2, maxLength: 5 }),
        fc.array(map, { minLength: 2, maxLength: 5 }),
      )
      .map(([flaws, contexts, maps]): Operation[] => [
        ...buses.map((bus, i): Operation => ({ kind: 'root', bus, flaw: flaws[i] as RootFlaw })),
        ...contexts,
        ...maps,
      ]),
    operations: fc.array(operation(scalable), { minLength: 1, maxLength: 14 }),
  });
}
