import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from './machine-of-parts.ts';

const ROOT_PORT = 4;
const UPSTREAM = 5;
const DOWNSTREAM = 6;
/** Where most ports have their PCI Express capability. */
const CAPABILITY = 0x40;
const TO_CONVENTIONAL = 7;
const words = /\bPCI(?:e\b| ?Express)/i;
const toConventional = /\bPCI(?:e| ?Express)[- ]to[- ]PCI(?!e| ?Express)/i;

/**
 * Ports whose capabilities nobody has printed, as lspci does it for an ordinary user, are given that of PCI Express if their
 * driver or their name says that they are one: without it a bridge is a conventional one, and everything below it would send
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

/** Neither bytes nor words speak of the list of capabilities. */
function lacksCapabilities({ missing, bytes }: ListedFunction): boolean {
  const lacks = (at: number): boolean => missing.some(({ start, end }) => start <= at && at < end);
  return bytes[0x34] === 0 && lacks(0x34) && (bytes.length === 64 || lacks(CAPABILITY));
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
  const bytes = new Uint8Array(Math.max(256, one.bytes.length));
  bytes.set(one.bytes);
  bytes[0x06] = (bytes[0x06] as number) | 0x10;
  bytes[0x34] = CAPABILITY;
  bytes.set([0x10, 0, (type << 4) | 2], CAPABILITY);
  const assumed = [
    { start: 0x34, end: 0x35 },
    { start: CAPABILITY, end: CAPABILITY + 4 },
  ];
  const missing = one.missing.flatMap((range) => cut(range, assumed));
  if (one.bytes.length < 256) missing.push({ start: CAPABILITY + 4, end: 256 });
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
