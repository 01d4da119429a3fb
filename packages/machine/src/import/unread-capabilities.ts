import type { ListedFunction } from './machine-of-parts.ts';

const STATUS = 0x06;
const CAPABILITY_LIST = 0x10;
const POINTER = 0x34;
/** Where most functions have their first capability. */
const USUAL_PLACE = 0x40;

/** The list of capabilities begins behind the bytes that are there, or nothing speaks of it. */
export function lacksCapabilities(one: ListedFunction): boolean {
  return lacks(one, placeOf(one)) && (one.bytes[POINTER] !== 0 || lacks(one, POINTER));
}

/** Where the list begins, if the header says so. */
function placeOf({ bytes }: ListedFunction): number {
  const pointer = (bytes[POINTER] ?? 0) & 0xfc;
  return ((bytes[STATUS] ?? 0) & CAPABILITY_LIST) !== 0 && pointer >= USUAL_PLACE ? pointer : USUAL_PLACE;
}

function lacks({ missing, bytes }: ListedFunction, at: number): boolean {
  return at >= bytes.length || missing.some(({ start, end }) => start <= at && at < end);
}

/**
 * A function with a first capability that is assumed, where the header says that there is one, or at the usual place.
 * @param capability its bytes, with 0 for the offset of the next one
 * @returns undefined if it does not fit there
 */
export function withCapability(
  one: ListedFunction,
  capability: readonly number[],
): ListedFunction | undefined {
  const at = placeOf(one);
  if (at + capability.length > 256) return undefined;
  const bytes = new Uint8Array(Math.max(256, one.bytes.length));
  bytes.set(one.bytes);
  bytes[STATUS] = (bytes[STATUS] as number) | CAPABILITY_LIST;
  bytes[POINTER] = at;
  bytes.set(capability, at);
  const assumed = [
    ...(lacks(one, POINTER) ? [{ start: POINTER, end: POINTER + 1 }] : []),
    { start: at, end: at + capability.length },
  ];
  const behind = one.bytes.length < 256 ? [{ start: one.bytes.length, end: 256 }] : [];
  const missing = [...one.missing, ...behind].flatMap((range) => cut(range, assumed));
  const decoded = [
    ...(one.decoded ?? []),
    ...assumed.map((range) => ({ ...range, from: 'assumed' as const })),
  ];
  return { ...one, bytes, missing, decoded: decoded.sort((a, b) => a.start - b.start) };
}

type Range = { readonly start: number; readonly end: number };

/** What is left of a range without the others. */
function cut(range: Range, others: readonly Range[]): Range[] {
  let left = [range];
  for (const other of others) {
    left = left.flatMap((one) =>
      other.end <= one.start || one.end <= other.start
        ? [one]
        : [
            { start: one.start, end: other.start },
            { start: other.end, end: one.end },
          ].filter(({ start, end }) => start < end),
    );
  }
  return left;
}
