import { ConfigReader } from '../description/config-reader.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import { differencesOf } from './function-differences.ts';
import type { CaptureConflict } from './imported-capture.ts';
import { knownBytes } from './known-bytes.ts';

/** How much the bytes of a function are worth: as hardware gave them, or made from text. */
export type FunctionRank = 'hex' | 'sysfs' | 'text' | 'boot-log';

const order: readonly FunctionRank[] = ['hex', 'sysfs', 'text', 'boot-log'];
const words: Readonly<Record<FunctionRank, string>> = {
  hex: 'rows of bytes',
  sysfs: 'config space of sysfs',
  text: 'text',
  'boot-log': 'a boot log',
};

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
  const awake = ranked.find(({ listed }) => !isAbsent(listed));
  const best = awake ?? (ranked[0] as RankedFunction);
  let merged = best.listed;
  for (const other of ranked) {
    if (other === best) continue;
    const differences =
      isAbsent(other.listed) && !isAbsent(merged) ? [] : differencesOf(merged, other.listed);
    if (isAbsent(other.listed) && !isAbsent(merged)) {
      conflicts.push(
        conflict(
          merged,
          other.listed,
          'config',
          'powered on',
          'all bytes ff: powered off',
          'it was read awake',
        ),
      );
    }
    for (const one of differences) {
      const reason = one.another
        ? 'another device stands there: nothing of it is used'
        : `${words[best.rank]} before ${words[other.rank]}`;
      conflicts.push(conflict(merged, other.listed, one.field, one.used, one.other, reason, one.what));
    }
    if (!differences.some((one) => one.another)) merged = complete(merged, other.listed);
  }
  return merged;
}

function isAbsent(one: ListedFunction): boolean {
  return new ConfigReader(one.bytes).isAbsent;
}

function conflict(
  used: ListedFunction,
  other: ListedFunction,
  field: FunctionConflict['field'],
  usedValue: string,
  otherValue: string,
  reason: string,
  what = '',
): FunctionConflict {
  const prefix = what === '' ? '' : `${what} `;
  return {
    name: used.name,
    field,
    said: [
      { value: `${prefix}${usedValue}`, file: used.file, line: used.line },
      { value: `${prefix}${otherValue}`, file: other.file, line: other.line },
    ],
    used: `${prefix}${usedValue}`,
    reason,
  };
}

/** What one has, and where it has nothing, what the other has. */
function complete(one: ListedFunction, other: ListedFunction): ListedFunction {
  const sizes = one.regionSizes.map((size, index) => size ?? other.regionSizes[index]);
  const label = one.label ?? other.label;
  const driver = one.driverKnown ? one.kernelDriver : other.kernelDriver;
  const { file } = one.driverKnown ? one : other;
  const driverPlace = one.driverFile ?? other.driverFile ?? (file === one.file ? undefined : file);
  const { kernelDriver: _, label: __, driverFile: ___, ...rest } = one;
  return {
    ...rest,
    ...completeBytes(one, other),
    regionSizes: sizes,
    ...(label === undefined ? {} : { label }),
    ...(driver === undefined ? {} : { kernelDriver: driver }),
    ...(driverPlace === undefined ? {} : { driverFile: driverPlace }),
    driverKnown: one.driverKnown || other.driverKnown,
  };
}

function completeBytes(
  one: ListedFunction,
  other: ListedFunction,
): Pick<ListedFunction, 'bytes' | 'missing'> {
  const mine = knownBytes(one);
  const theirs = knownBytes(other);
  if (one.missing.length === 0 && other.bytes.length <= one.bytes.length) return one;
  const size = Math.max(one.bytes.length, other.bytes.length);
  const bytes = new Uint8Array(size);
  const missing: { start: number; end: number }[] = [];
  for (let at = 0; at < size; at++) {
    if (mine(at)) bytes[at] = one.bytes[at] as number;
    else if (theirs(at)) bytes[at] = other.bytes[at] as number;
    else if (missing.at(-1)?.end === at) (missing.at(-1) as { end: number }).end = at + 1;
    else missing.push({ start: at, end: at + 1 });
  }
  return { bytes, missing };
}
