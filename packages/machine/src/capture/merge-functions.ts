import { ConfigReader } from '../description/config-reader.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import { differencesOf, type FunctionDifference } from './function-differences.ts';
import type { CaptureConflict } from './imported-capture.ts';
import { mergeBytes } from './merge-bytes.ts';

/** How much the bytes of a function are worth: as hardware gave them, or made from text. */
export type FunctionRank = 'hex' | 'sysfs' | 'text' | 'tree' | 'boot-log';

const order: readonly FunctionRank[] = ['hex', 'sysfs', 'text', 'tree', 'boot-log'];
const words: Readonly<Record<FunctionRank, string>> = {
  hex: 'rows of bytes',
  sysfs: 'config space of sysfs',
  text: 'the words of lspci',
  tree: 'a tree of lspci',
  'boot-log': 'a boot log',
};

/** Why a source is not used for a function. */
export const ANOTHER_DEVICE = 'another device stands there: nothing of it is used';

/** A function as one source has it. */
export interface RankedFunction {
  readonly rank: FunctionRank;
  readonly listed: ListedFunction;
}

/** A conflict of one function, before its place in the machine is known. */
export interface FunctionConflict extends Omit<CaptureConflict, 'what'> {
  readonly name: string;
  /** Field of the machine's function. */
  readonly field: 'config' | 'barSizes' | 'driver';
}

/**
 * One function of what several sources have of it. Bytes, sizes and drivers that the best source lacks are taken from the next
 * one, unless that one is another device.
 */
export function mergeFunction(
  sources: readonly RankedFunction[],
  conflicts: FunctionConflict[],
): ListedFunction {
  const ranked = [...sources].sort((a, b) => order.indexOf(a.rank) - order.indexOf(b.rank));
  // A boot log is of another time: that the function was awake then does not make it so when it was captured.
  const awake = ranked.find(({ rank, listed }) => rank !== 'boot-log' && !isAbsent(listed));
  const best = awake ?? (ranked[0] as RankedFunction);
  let merged = best.listed;
  for (const other of ranked) {
    if (other === best) continue;
    if (isAbsent(merged) || isAbsent(other.listed)) {
      if (isAbsent(merged) !== isAbsent(other.listed)) conflicts.push(powerConflict(merged, other));
      continue;
    }
    // Drivers come and go: what bound while booting need not be bound when lspci ran.
    const differences = differencesOf(merged, other.listed).filter(
      (one) => one.field !== 'driver' || other.rank !== 'boot-log',
    );
    for (const one of differences) {
      const reason = one.another ? ANOTHER_DEVICE : `${words[best.rank]} before ${words[other.rank]}`;
      conflicts.push(conflict(merged, other.listed, one, reason));
    }
    if (differences.some((one) => one.another)) continue;
    merged = complete(merged, other.listed, other.rank === 'boot-log');
  }
  return merged;
}

function powerConflict(used: ListedFunction, { rank, listed }: RankedFunction): FunctionConflict {
  const [on, off] = ['powered on', 'powered off: all of it reads ff'];
  const [a, b] = isAbsent(used) ? [off, on] : [on, off];
  const difference = { field: 'config', what: '', used: a, other: b } as const;
  return conflict(
    used,
    listed,
    difference,
    rank === 'boot-log' ? 'bytes before a boot log' : 'it was read awake',
  );
}

function isAbsent(one: ListedFunction): boolean {
  return new ConfigReader(one.bytes).isAbsent;
}

function conflict(
  used: ListedFunction,
  other: ListedFunction,
  difference: Omit<FunctionDifference, 'another'>,
  reason: string,
): FunctionConflict {
  const prefix = difference.what === '' ? '' : `${difference.what} `;
  const value = `${prefix}${difference.used}`;
  return {
    name: used.name,
    field: difference.field,
    said: [
      { value, file: used.file, line: used.line },
      { value: `${prefix}${difference.other}`, file: other.file, line: other.line },
    ],
    used: value,
    reason,
  };
}

/** What one has, and where it has nothing, what the other has. */
function complete(one: ListedFunction, other: ListedFunction, headerOnly: boolean): ListedFunction {
  const sizes = one.regionSizes.map((size, index) => size ?? other.regionSizes[index]);
  const label = one.label ?? other.label;
  const says = one.driverKnown || one.kernelDriver !== undefined ? one : other;
  const driver = says.kernelDriver;
  const driverPlace = says.driverFile ?? (says.file === one.file ? undefined : says.file);
  const { kernelDriver: _, label: __, driverFile: ___, decoded: ____, ...rest } = one;
  const bytes = isAlreadyComplete(one, other) ? keptBytes(one) : mergeBytes(one, other, headerOnly);
  return {
    ...rest,
    ...bytes,
    regionSizes: sizes,
    ...(label === undefined ? {} : { label }),
    ...(driver === undefined ? {} : { kernelDriver: driver }),
    ...(driverPlace === undefined ? {} : { driverFile: driverPlace }),
    driverKnown: one.driverKnown || other.driverKnown,
  };
}

function isAlreadyComplete(one: ListedFunction, other: ListedFunction): boolean {
  return one.missing.length === 0 && one.decoded === undefined && other.bytes.length <= one.bytes.length;
}

function keptBytes({ bytes, missing, decoded }: ListedFunction): ReturnType<typeof mergeBytes> {
  return { bytes, missing, ...(decoded === undefined ? {} : { decoded }) };
}
