import fc from 'fast-check';
import type { PcieCase, Step } from './case.ts';
import { tree } from './tree.ts';
import { windowEdgeCases } from './window-edges.ts';

const sizes = fc.constantFrom<1 | 2 | 4>(1, 2, 4);
const bridges = tree.filter(({ buses }) => buses !== undefined);
const anyFunction = fc.constantFrom(...tree.map(({ id }) => id));
const anyBridge = fc.constantFrom(...bridges.map(({ id }) => id));

/** Values that registers are tried with. */
const values = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0, 0xffff_ffff) },
  { weight: 2, arbitrary: fc.nat({ max: 31 }).map((bit) => 2 ** bit) },
  { weight: 3, arbitrary: fc.nat({ max: 0xffff_ffff }) },
);

/** Offsets: the header and the capabilities more often than the rest, every alignment. */
function offsets(limit: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 0x3f }) },
    { weight: 3, arbitrary: fc.integer({ min: 0x40, max: 0xff }) },
    ...(limit > 256
      ? [
          { weight: 2, arbitrary: fc.integer({ min: 0x100, max: 0x14f }) },
          { weight: 1, arbitrary: fc.integer({ min: 0x100, max: limit - 4 }) },
        ]
      : []),
  );
}

/** `given` and what is beside it, or any. */
function around(given: readonly number[], limit: number): fc.Arbitrary<number> {
  return fc.oneof(
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...given), fc.integer({ min: -2, max: 2 }))
        .map(([offset, distance]) => Math.max(0, Math.min(offset + distance, limit - 4))),
    },
    { weight: 1, arbitrary: offsets(limit) },
  );
}

/** An access to a function, at `given` offsets or beside them more often than not; by ports it stays in its dword. */
function access(
  op: 'read' | 'write',
  bus: number,
  devfn: number,
  given: readonly number[],
): fc.Arbitrary<Step> {
  const low = given.map((offset) => offset & 0xff);
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(around(given, 4096), sizes, values).map(
        ([offset, size, value]): Step => ({
          op,
          way: 'ecam',
          bus,
          devfn,
          offset,
          size,
          value: op === 'read' ? 0 : value % 2 ** (size * 8),
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(around(low, 256), sizes, values).map(
        ([offset, size, value]): Step => ({
          op,
          way: 'ports',
          bus,
          devfn,
          offset: offset - Math.max(0, (offset % 4) + size - 4),
          size,
          value: op === 'read' ? 0 : value % 2 ** (size * 8),
        }),
      ),
    },
  );
}

const resetOf = (of: string): fc.Arbitrary<Step> =>
  fc.constantFrom<Step>(
    { op: 'secondary-bus-reset', of },
    { op: 'function-level-reset', of },
    { op: 'd3hot', of },
    { op: 'power-cycle', of },
  );

/** Mechanism #1 by its ports: the latch in whole and in part, data at every port and size. */
const ports: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.nat({ max: 12 }), fc.constantFrom(0, 8, 16), fc.nat({ max: 63 }), fc.boolean()).map(
    ([bus, devfn, dword, enabled]): Step => ({
      op: 'out',
      port: 0xcf8,
      size: 4,
      value: (enabled ? 0x8000_0000 : 0) + bus * 0x1_0000 + devfn * 0x100 + dword * 4,
    }),
  ),
  fc.nat({ max: 0xffff }).map((value): Step => ({ op: 'out', port: 0xcfa, size: 2, value })),
  fc.constant<Step>({ op: 'in', port: 0xcf8, size: 4, value: 0 }),
  fc
    .tuple(fc.integer({ min: 0xcfc, max: 0xcff }), sizes)
    .map(([port, size]): Step => ({ op: 'in', port, size, value: 0 })),
);

/** Accesses of every size and alignment to one function, and resets of it and of what is above. */
const registerCases: fc.Arbitrary<PcieCase> = fc
  .tuple(anyFunction, fc.array(offsets(4096), { minLength: 1, maxLength: 3 }))
  .chain(([id, given]) => {
    const one = tree.find((other) => other.id === id);
    const { bus, device, above } = one ?? { bus: 0, device: 0, above: undefined };
    const devfn = device * 8;
    const steps = fc.array(
      fc.oneof(
        { weight: 8, arbitrary: access('write', bus, devfn, given) },
        { weight: 3, arbitrary: access('read', bus, devfn, given) },
        { weight: 1, arbitrary: ports },
        { weight: 1, arbitrary: resetOf(id) },
        ...(above === undefined ? [] : [{ weight: 1, arbitrary: resetOf(above) }]),
        { weight: 1, arbitrary: fc.constant<Step>({ op: 'renumber' }) },
      ),
      { minLength: 1, maxLength: 12 },
    );
    const functions = above === undefined ? [id] : [id, above];
    return steps.map((list): PcieCase => ({ look: 'registers', functions, steps: list }));
  });

const busNumber = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 13 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 255) },
);

/** Bus numbers of many bridges: gaps, overlaps, zeros, ends before beginnings. */
const routingCases: fc.Arbitrary<PcieCase> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(anyBridge, busNumber, busNumber)
          .map(([of, secondary, subordinate]): Step => ({ op: 'number', of, secondary, subordinate })),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(busNumber, fc.constantFrom(0, 8, 16), fc.integer({ min: 0x18, max: 0x1a }), busNumber)
          .map(([bus, devfn, offset, value]): Step => {
            return { op: 'write', way: 'ecam', bus, devfn, offset, size: 1, value };
          }),
      },
      { weight: 1, arbitrary: anyBridge.map((of): Step => ({ op: 'secondary-bus-reset', of })) },
      { weight: 1, arbitrary: fc.constant<Step>({ op: 'renumber' }) },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((steps): PcieCase => ({ look: 'routing', functions: [], steps }));

/** Windows and BARs: what firmware gave out, a little moved, or anything. */
const windowValues = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 9 }).map((block) => 0xc000_0000 + block * 0x100_0000) },
  { weight: 1, arbitrary: fc.nat({ max: 0xfff }).map((mebibyte) => mebibyte * 0x10_0000) },
);

/** One change to how a function decodes. */
function decoding(id: string): fc.Arbitrary<Step> {
  const one = tree.find((other) => other.id === id);
  const { bus, device, buses } = one ?? { bus: 0, device: 0, buses: undefined };
  const write = (offset: number, size: 1 | 2 | 4, value: number): Step => {
    return { op: 'write', way: 'ecam', bus, devfn: device * 8, offset, size, value };
  };
  const command = fc.nat({ max: 7 }).map((value) => write(0x04, 1, value));
  if (buses === undefined) {
    const bar = fc.tuple(fc.nat({ max: 3 }), windowValues, fc.nat({ max: 63 }));
    return fc.oneof(
      command,
      bar.map(([index, base, kibi]) =>
        // Ports at a multiple of 1 KiB: no VGA or ISA range falls into a BAR.
        index === 2 ? write(0x18, 4, kibi * 0x400) : write(0x10 + index * 4, 4, base + kibi * 0x4_0000),
      ),
    );
  }
  const pair = fc.tuple(windowValues, fc.integer({ min: -1, max: 3 }));
  const half = (value: number): number => Math.floor(value / 0x1_0000) & 0xfff0;
  const both = (base: number, blocks: number): number =>
    half(base) + half(base + blocks * 0x100_0000 + 0xf0_0000) * 0x1_0000;
  return fc.oneof(
    command,
    pair.map(([base, blocks]) => write(0x20, 4, both(base, blocks))),
    pair.map(([base, blocks]) => write(0x24, 4, both(base * 16, blocks * 16))),
    fc.tuple(fc.constantFrom(0x28, 0x2c), fc.nat({ max: 3 })).map(([offset, high]) => write(offset, 4, high)),
    fc.nat({ max: 0xffff }).map((value) => write(0x1c, 2, value)),
  );
}

const opened = fc.array(
  anyFunction.map((of): Step => ({ op: 'open', of })),
  { minLength: 1, maxLength: 6 },
);

/** How bridges and functions decode memory and ports, and who then answers where. */
const memoryCases: fc.Arbitrary<PcieCase> = fc
  .tuple(
    opened,
    fc.array(
      fc.oneof(
        { weight: 2, arbitrary: anyFunction.map((of): Step => ({ op: 'open', of })) },
        { weight: 6, arbitrary: anyFunction.chain(decoding) },
        { weight: 2, arbitrary: anyFunction.map((of): Step => ({ op: 'configure', of })) },
        { weight: 1, arbitrary: anyBridge.map((of): Step => ({ op: 'secondary-bus-reset', of })) },
        { weight: 1, arbitrary: fc.constant<Step>({ op: 'renumber' }) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(anyFunction, fc.constantFrom(0, 2, 3), fc.integer({ min: -4, max: 4 }))
            .map(([of, bar, blocks]): Step => ({ op: 'probe', of, bar, distance: blocks * 0x10_0000 })),
        },
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([first, steps]): PcieCase => ({ look: 'memory', functions: [], steps: [...first, ...steps] }));

/** One case: half of them of registers, the others of routing and of memory. */
export const randomCase: fc.Arbitrary<PcieCase> = fc.oneof(
  { weight: 4, arbitrary: registerCases },
  { weight: 2, arbitrary: routingCases },
  { weight: 1, arbitrary: memoryCases },
  { weight: 1, arbitrary: windowEdgeCases },
);
