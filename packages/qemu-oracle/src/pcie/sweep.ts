import type { PcieCase, Step, Way } from './case.ts';
import { type TreeFunction, tree } from './tree.ts';

/** Every offset up to here is written in every size; the tree's capabilities end before. */
const SWEPT = 0x160;
/** Further up only these: the first and last of what no capability claims, and the end. */
const BEYOND = [0x160, 0x3fd, 0x7fe, 0xfff - 4, 0xffc];
const VALUES = [0xffff_ffff, 0, 0xa5c3_9669];

/** After which both sides are compared once more. */
const RESETS = ['secondary-bus-reset', 'function-level-reset', 'd3hot', 'power-cycle'] as const;

/**
 * Every byte of config space, written in 1, 2 and 4 bytes at every alignment, upwards and downwards, and compared in full: a
 * case for each kind of function, size, value and mechanism. Then likewise, followed by each kind of reset.
 */
export function sweepCases(): PcieCase[] {
  // The first of each kind, on the root complex and below a port, and below the PCIe-to-PCI bridge.
  const kindOf = ({ model, above }: TreeFunction): string =>
    above === undefined || above === 'pci1' ? `${model} of ${above}` : model;
  const kinds = new Map([...tree].reverse().map((one) => [kindOf(one), one]));
  return [...kinds.values()].flatMap((one) => [
    ...([1, 2, 4] as const).flatMap((size) =>
      VALUES.flatMap((value) =>
        (['ecam', 'ports'] as const).flatMap((way) => {
          const steps = writes(one, way, size, value % 2 ** (size * 8));
          return [caseOf(one, steps), caseOf(one, [...steps].reverse())];
        }),
      ),
    ),
    ...VALUES.flatMap((value) =>
      RESETS.map((op) => {
        const of = op === 'function-level-reset' || op === 'd3hot' ? one.id : (one.above ?? one.id);
        return caseOf(one, [...writes(one, 'ecam', 4, value), { op, of }, { op: 'renumber' }]);
      }),
    ),
  ]);
}

function caseOf({ id, above }: TreeFunction, steps: readonly Step[]): PcieCase {
  return { look: 'registers', functions: above === undefined ? [id] : [id, above], steps };
}

/** Bus numbers are left out: without them the functions below could not be compared. */
function writes({ bus, device }: TreeFunction, way: Way, size: 1 | 2 | 4, value: number): Step[] {
  const offsets: number[] = [];
  for (let offset = 0x40; offset < (way === 'ecam' ? SWEPT : 0x100); offset++) offsets.push(offset);
  if (way === 'ecam') offsets.push(...BEYOND);
  for (let offset = 4; offset + size <= 0x40; offset++) {
    if (offset + size <= 0x18 || offset >= 0x1b) offsets.push(offset);
  }
  return (
    offsets
      // By ports an access stays in its dword.
      .filter((offset) => way === 'ecam' || (offset % 4) + size <= 4)
      .map((offset): Step => ({ op: 'write', way, bus, devfn: device * 8, offset, size, value }))
  );
}
