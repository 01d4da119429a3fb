import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from './machine-of-parts.ts';

const ROOT_PORT = 4;
const UPSTREAM = 5;
const DOWNSTREAM = 6;
const STATUS = 0x06;
const CAPABILITY_LIST = 0x10;
const POINTER = 0x34;
/** Where most ports have their PCI Express capability. */
const USUAL_PLACE = 0x40;
const TO_CONVENTIONAL = 7;
const words = /\bPCI(?:e\b| ?Express)/i;
const toConventional = /\bPCI(?:e| ?Express)[- ]to[- ]PCI(?!e| ?Express)/i;

/**
 * Ports whose capabilities nobody could read, as an ordinary user, of whom lspci prints none and `/sys` gives 64 bytes, are
 * given that of PCI Express if their driver or their name says that they are one: without it a bridge is a conventional one, and everything below it would send
 * under its ID. What kind of port it is follows from its name or from what stands above it.
 */
export function assumeExpressPorts(
  functions: readonly ListedFunction[],
  notes: ImportNote[],
): ListedFunction[] {
  const bridges = functions.filter((one) => new ConfigReader(one.bytes).isBridge);
  const known = bridges.some((one) => new ConfigReader(one.bytes).u8(0x19) !== 0);
  const above = new Map<number, ListedFunction>();
  for (const one of bridges) above.set(busKey(one.segment, new ConfigReader(one.bytes).u8(0x19)), one);
  const given = new Map<ListedFunction, number>();
  const typeOf = (one: ListedFunction): number | undefined =>
    given.get(one) ?? new ConfigReader(one.bytes).expressType;
  // Bridges above come before those below: bus numbers grow downwards.
  for (const one of [...bridges].sort((a, b) => a.bus - b.bus)) {
    if (!lacksCapabilities(one) || !saysExpress(one)) continue;
    const parent = above.get(busKey(one.segment, one.bus));
    const type =
      typeByName(one.label ?? '') ?? typeBelow(parent, parent && typeOf(parent), known || one.bus === 0);
    if (type !== undefined) given.set(one, type);
  }
  for (const [one] of given) {
    const message = `${one.name} is taken for a bridge of PCI Express by its ${byDriver(one) ? 'driver' : 'name'}: its capabilities are not in the capture`;
    notes.push({ file: one.file, line: one.line, message });
  }
  return functions.map((one) => {
    const type = given.get(one);
    return type === undefined ? one : withPort(one, type);
  });
}

const busKey = (segment: number, bus: number): number => segment * 0x100 + bus;

const byDriver = (one: ListedFunction): boolean => one.kernelDriver === 'pcieport';

function saysExpress(one: ListedFunction): boolean {
  const label = one.label ?? '';
  return byDriver(one) || toConventional.test(label) || (words.test(label) && /port/i.test(label));
}

/** The list of capabilities begins behind the bytes that are there, or nothing speaks of it. */
function lacksCapabilities(one: ListedFunction): boolean {
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

function typeByName(label: string): number | undefined {
  if (toConventional.test(label)) return TO_CONVENTIONAL;
  if (/root port/i.test(label)) return ROOT_PORT;
  if (/upstream/i.test(label)) return UPSTREAM;
  return /downstream/i.test(label) ? DOWNSTREAM : undefined;
}

function typeBelow(
  parent: ListedFunction | undefined,
  type: number | undefined,
  rootsKnown: boolean,
): number | undefined {
  if (parent === undefined) return rootsKnown ? ROOT_PORT : undefined;
  if (type === UPSTREAM) return DOWNSTREAM;
  return type === ROOT_PORT || type === DOWNSTREAM ? UPSTREAM : undefined;
}

function withPort(one: ListedFunction, type: number): ListedFunction {
  const at = placeOf(one);
  const bytes = new Uint8Array(Math.max(256, one.bytes.length));
  bytes.set(one.bytes);
  bytes[STATUS] = (bytes[STATUS] as number) | CAPABILITY_LIST;
  bytes[POINTER] = at;
  bytes.set([0x10, 0, (type << 4) | 2, 0], at);
  const assumed = [
    ...(lacks(one, POINTER) ? [{ start: POINTER, end: POINTER + 1 }] : []),
    { start: at, end: at + 4 },
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
