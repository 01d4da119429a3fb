import { ConfigReader } from '../description/config-reader.ts';
import { hex } from '../import/inference-list.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import { Trust, trustOf } from './byte-trust.ts';

/** Something that two sources of one function say differently. */
export interface FunctionDifference {
  readonly field: 'config' | 'barSizes' | 'driver';
  readonly what: string;
  readonly used: string;
  readonly other: string;
  /** The sources cannot be of the same device. */
  readonly another: boolean;
}

interface Compared {
  readonly what: string;
  readonly offset: number;
  readonly bytes: number;
  readonly another?: boolean;
  /** Words say it as a whole or not at all. */
  readonly inWords?: boolean;
}

/** Registers that no software changes, and those that firmware or the kernel sets once for as long as it runs. */
const everywhere: readonly Compared[] = [
  { what: 'vendor ID', offset: 0x00, bytes: 2, another: true, inWords: true },
  { what: 'device ID', offset: 0x02, bytes: 2, another: true, inWords: true },
  { what: 'revision ID', offset: 0x08, bytes: 1 },
  { what: 'class code', offset: 0x0a, bytes: 2, inWords: true },
  { what: 'programming interface', offset: 0x09, bytes: 1 },
  { what: 'header type', offset: 0x0e, bytes: 1 },
  { what: 'capabilities pointer', offset: 0x34, bytes: 1 },
  { what: 'interrupt pin', offset: 0x3d, bytes: 1 },
];
const bars = (count: number): Compared[] =>
  Array.from({ length: count }, (_, i) => ({ what: `BAR ${i}`, offset: 0x10 + 4 * i, bytes: 4 }));
const byHeader: Readonly<Record<number, readonly Compared[]>> = {
  0: [
    ...bars(6),
    { what: 'subsystem vendor ID', offset: 0x2c, bytes: 2 },
    { what: 'subsystem ID', offset: 0x2e, bytes: 2 },
  ],
  1: [
    ...bars(2),
    { what: 'primary bus', offset: 0x18, bytes: 1 },
    { what: 'secondary bus', offset: 0x19, bytes: 1, inWords: true },
    { what: 'subordinate bus', offset: 0x1a, bytes: 1, inWords: true },
  ],
};

/** Contradictions of two sources about one function. Status and error registers change by themselves and are none. */
export function differencesOf(used: ListedFunction, other: ListedFunction): FunctionDifference[] {
  const differences: FunctionDifference[] = [];
  const mine = trustOf(used);
  const theirs = trustOf(other);
  const reader = new ConfigReader(used.bytes);
  for (const one of [...everywhere, ...(byHeader[reader.headerType] ?? [])]) {
    const [a, b] = [used, other].map(({ bytes }) => valueAt(bytes, one));
    // Words may say a part of a register's bits: of these only identities and bus numbers can be compared.
    const least = one.inWords === true ? Trust.text : Trust.bytes;
    let known = true;
    for (let at = one.offset; at < one.offset + one.bytes; at++) {
      known &&= (mine[at] ?? 0) >= least && (theirs[at] ?? 0) >= least;
    }
    // Virtual functions show ff there to who reads it, and the kernel knows better (SR-IOV 1.1, 3.4.1.1).
    const hidden = one.another === true && (a === 0xffff || b === 0xffff);
    if (!known || a === b || hidden) continue;
    const [shownA, shownB] = [hex(a as number), hex(b as number)];
    differences.push({
      field: 'config',
      what: one.what,
      used: shownA,
      other: shownB,
      another: one.another === true,
    });
  }
  for (const [index, size] of used.regionSizes.entries()) {
    const said = other.regionSizes[index];
    if (size === undefined || said === undefined || size === said) continue;
    differences.push({
      field: 'barSizes',
      what: `size of BAR ${index}`,
      used: hex(size),
      other: hex(said),
      another: false,
    });
  }
  if (used.driverKnown && other.driverKnown && used.kernelDriver !== other.kernelDriver) {
    const [a, b] = [used.kernelDriver ?? 'none', other.kernelDriver ?? 'none'];
    differences.push({ field: 'driver', what: 'driver', used: a, other: b, another: false });
  }
  return differences;
}

function valueAt(bytes: Uint8Array, { offset, bytes: width }: Compared): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}
