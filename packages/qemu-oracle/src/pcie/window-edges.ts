import fc from 'fast-check';
import type { PcieCase, Step } from './case.ts';
import { type TreeFunction, tree } from './tree.ts';

const MEBI = 0x10_0000;
const HIGH = 0x1_0000_0000;
const PORTS = 0x1000;

/** Ends of functions' paths with a BAR in memory, its size, and whether they have one of ports. */
const leaves: readonly (readonly [id: string, size: number, hasPorts: boolean])[] = [
  ['nic1', 0x2_0000, true],
  ['nic2', 0x2_0000, true],
  ['nic3', 0x2_0000, true],
  ['hda1', 0x4000, false],
  ['hda2', 0x4000, false],
  ['nvme1', 0x4000, false],
];

/** A window of one bridge: its first and last unit, counted from the unit that the BAR begins in by firmware. */
interface Edge {
  /** Which bridge above, counted from the leaf and taken around. */
  readonly bridge: number;
  readonly first: number;
  readonly last: number;
  readonly prefetchable: boolean;
}

const nearby = fc.integer({ min: -1, max: 2 });
const edges: fc.Arbitrary<readonly Edge[]> = fc.array(
  fc.record({ bridge: fc.nat({ max: 4 }), first: nearby, last: nearby, prefetchable: fc.boolean() }),
  { minLength: 1, maxLength: 3 },
);

/** BARs at both ends of the windows of bridges above, and one unit beyond: memory in MiB, ports in 4 KiB. */
export const windowEdgeCases: fc.Arbitrary<PcieCase> = fc
  .record({
    leaf: fc.constantFrom(...leaves),
    moved: nearby,
    atEnd: fc.boolean(),
    edges,
    ports: fc.boolean(),
  })
  .map(({ leaf: [id, size, hasPorts], moved, atEnd, edges: list, ports }): PcieCase => {
    const leaf = find(id);
    const io = ports && hasPorts;
    const base = leaf.bars[io ? 2 : 0]?.address ?? 0;
    const unit = io ? PORTS : MEBI;
    // Ports end 32 bytes before, at the size of the BAR.
    const target = base + moved * unit + (atEnd ? unit - (io ? 0x20 : size) : 0);
    const above = bridgesAbove(leaf);
    const steps: Step[] = [{ op: 'open', of: id }, write(leaf, io ? 0x18 : 0x10, 4, target % HIGH)];
    for (const { bridge, first, last, prefetchable } of list) {
      const at = above[bridge % above.length] as TreeFunction;
      if (io) steps.push(write(at, 0x1c, 2, ioWindow(base + first * unit, base + last * unit)));
      else steps.push(...memoryWindow(at, base + first * unit, base + last * unit, prefetchable));
    }
    return { look: 'memory', functions: [], steps };
  });

function memoryWindow(at: TreeFunction, first: number, last: number, prefetchable: boolean): Step[] {
  const half = (address: number): number => Math.floor((address % HIGH) / 0x1_0000) & 0xfff0;
  const both = half(first) + half(last) * 0x1_0000;
  if (!prefetchable && first < HIGH) return [write(at, 0x20, 4, both)];
  const high = (address: number): number => Math.floor(address / HIGH);
  return [write(at, 0x24, 4, both), write(at, 0x28, 4, high(first)), write(at, 0x2c, 4, high(last))];
}

function ioWindow(first: number, last: number): number {
  return ((first >>> 8) & 0xf0) + (last & 0xf000);
}

function bridgesAbove(leaf: TreeFunction): TreeFunction[] {
  return leaf.above === undefined ? [] : [find(leaf.above), ...bridgesAbove(find(leaf.above))];
}

function find(id: string): TreeFunction {
  const one = tree.find((other) => other.id === id);
  if (one === undefined) throw new Error(`the tree has no ${id}`);
  return one;
}

function write({ bus, device }: TreeFunction, offset: number, size: 2 | 4, value: number): Step {
  return { op: 'write', way: 'ecam', bus, devfn: device * 8, offset, size, value };
}
