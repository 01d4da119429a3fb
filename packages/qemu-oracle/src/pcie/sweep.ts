import type { PcieCase, Step } from './case.ts';
import { tree } from './tree.ts';

/** Every offset up to here is written in every size; the tree's capabilities end before. */
const SWEPT = 0x160;
/** Further up only these: the first and last of what no capability claims, and the end. */
const BEYOND = [0x160, 0x3fd, 0x7fe, 0xfff - 4, 0xffc];
const VALUES = [0xffff_ffff, 0, 0xa5c3_9669];

/**
 * Every byte of config space, written in 1, 2 and 4 bytes at every alignment, and compared in full: a case for each kind of
 * function, size, value and mechanism. The header is written last, so that what it hides was compared before.
 */
export function sweepCases(): PcieCase[] {
  const kinds = new Map(tree.map((one) => [one.above === 'pci1' ? `${one.model} below` : one.model, one]));
  return [...kinds.values()].flatMap(({ id, bus, device }) =>
    ([1, 2, 4] as const).flatMap((size) =>
      VALUES.flatMap((word) =>
        (['ecam', 'ports'] as const).map((way): PcieCase => {
          const value = word % 2 ** (size * 8);
          const limit = way === 'ecam' ? SWEPT : 0x100;
          const offsets: number[] = [];
          for (let offset = 0x40; offset < limit; offset++) offsets.push(offset);
          if (way === 'ecam') offsets.push(...BEYOND);
          // Bus numbers stay: without them the functions below could not be compared.
          for (let offset = 4; offset + size <= 0x40; offset++) {
            if (offset + size <= 0x18 || offset >= 0x1b) offsets.push(offset);
          }
          // By ports an access stays in its dword.
          const possible = offsets.filter((offset) => way === 'ecam' || (offset % 4) + size <= 4);
          const steps = possible.map((offset): Step => {
            return { op: 'write', way, bus, devfn: device * 8, offset, size, value };
          });
          return { look: 'registers', functions: [id], steps };
        }),
      ),
    ),
  );
}
