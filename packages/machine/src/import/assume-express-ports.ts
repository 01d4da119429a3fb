import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from './machine-of-parts.ts';
import { lacksCapabilities, withCapability } from './unread-capabilities.ts';

const ROOT_PORT = 4;
const UPSTREAM = 5;
const DOWNSTREAM = 6;
const TO_CONVENTIONAL = 7;
const PCI_EXPRESS = 0x10;
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
  for (const one of bridges) {
    const secondary = new ConfigReader(one.bytes).u8(0x19);
    // A bridge without numbers leads nowhere, not to bus 0.
    if (secondary !== 0) above.set(busKey(one.segment, secondary), one);
  }
  const given = new Map<ListedFunction, number>();
  const typeOf = (one: ListedFunction): number | undefined =>
    given.get(one) ?? new ConfigReader(one.bytes).expressType;
  // Bridges above come before those below: bus numbers grow downwards.
  for (const one of [...bridges].sort((a, b) => a.bus - b.bus)) {
    if (!lacksCapabilities(one)) continue;
    const parent = above.get(busKey(one.segment, one.bus));
    const parentType = parent && typeOf(parent);
    const type = saysExpress(one)
      ? (typeByName(one.label ?? '') ?? typeBelow(parent, parentType, known || one.bus === 0))
      : isBelowLink(one, parentType)
        ? TO_CONVENTIONAL
        : undefined;
    if (type !== undefined) given.set(one, type);
  }
  for (const [one] of given) {
    const message = `${one.name} is taken for a bridge of PCI Express by its ${reasonOf(one)}: its capabilities are not in the capture`;
    notes.push({ file: one.file, line: one.line, message });
  }
  return functions.map((one) => {
    const type = given.get(one);
    return type === undefined ? one : (withCapability(one, [PCI_EXPRESS, 0, (type << 4) | 2, 0]) ?? one);
  });
}

const busKey = (segment: number, bus: number): number => segment * 0x100 + bus;

const byDriver = (one: ListedFunction): boolean => one.kernelDriver === 'pcieport';

function saysExpress(one: ListedFunction): boolean {
  const label = one.label ?? '';
  return byDriver(one) || toConventional.test(label) || (words.test(label) && /port/i.test(label));
}

function reasonOf(one: ListedFunction): string {
  if (byDriver(one)) return 'driver';
  return saysExpress(one) ? 'name' : 'place below a link';
}

/** What is behind a link is of PCI Express; a bridge there that the driver of ports leaves alone leads to a conventional bus. */
function isBelowLink(one: ListedFunction, above: number | undefined): boolean {
  return one.driverKnown && (above === ROOT_PORT || above === DOWNSTREAM);
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
