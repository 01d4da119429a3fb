import { ConfigReader } from '../description/config-reader.ts';
import type { FunctionPlace } from '../description/function-name.ts';
import type { LspciFunction } from './lspci.ts';
import { DecodedSpace } from './lspci-decoded-space.ts';
import type { CollectedSpace, FunctionRows } from './lspci-function-rows.ts';
import { type DetailLine, decodeFunction } from './lspci-function-text.ts';
import { type FunctionIdentity, readHeading } from './lspci-heading.ts';
import { isSameDump, unitedDump } from './lspci-united-dump.ts';
import type { NoteList } from './note-list.ts';
import { RegionSizes } from './region-sizes.ts';

/** One place of a text that speaks of a function: a heading and what stands below it. */
export interface Sighting {
  readonly line: number;
  label: string;
  readonly rows: FunctionRows;
  readonly regions: RegionSizes;
  readonly details: DetailLine[];
  verbose: boolean;
  driver?: string;
}

/** Everything that one text says of a function. */
export interface FunctionRecord {
  readonly place: FunctionPlace;
  readonly name: string;
  readonly sightings: Sighting[];
}

/** Makers and devices have names of at most a few hundred characters. */
const LONGEST_LABEL = 500;

interface Dumped {
  readonly space: CollectedSpace;
  readonly line: number;
}

/**
 * The function that a record comes to. Bytes count more than words; of several dumps that differ the longest counts, of
 * equally long ones the first; of several descriptions the fullest. Undefined if nothing was said of it.
 */
export function functionOf(record: FunctionRecord, notes: NoteList): LspciFunction | undefined {
  const { name, place, sightings } = record;
  const first = sightings[0] as Sighting;
  const dumped = dumpOf(record, notes);
  const identity = identityOf(record, notes);
  const fullest = sightings.reduce((best, one) => (one.details.length > best.details.length ? one : best));
  if (dumped === undefined && identity.classCode === undefined && fullest.details.length === 0) {
    const message = `${name} has neither bytes nor words that config space could be made of, and is left out`;
    notes.add(message, { line: first.line });
    return undefined;
  }
  if (dumped !== undefined && identity.numeric === true) compare(name, identity, dumped, first.line, notes);
  const complete = dumped !== undefined && holdsAll(dumped.space, fullest.details);
  const combined = complete ? undefined : decode(record, identity, fullest, notes).combine(dumped?.space);
  const bytes = (combined ?? dumped?.space)?.bytes as Uint8Array;
  const label = sightings.find((one) => one.label !== '')?.label.slice(0, LONGEST_LABEL);
  const driver = sightings.find((one) => one.driver !== undefined)?.driver;
  return {
    ...place,
    name,
    ...(label === undefined ? {} : { label }),
    bytes,
    missing: combined?.missing ?? dumped?.space.missing ?? [],
    ...(combined === undefined || combined.decoded.length === 0 ? {} : { decoded: combined.decoded }),
    regionSizes: RegionSizes.merged(
      sightings.map((one) => one.regions),
      bytes,
    ),
    ...(driver === undefined ? {} : { kernelDriver: driver }),
    verbose: sightings.some((one) => one.verbose),
    line: first.line,
  };
}

function dumpOf({ name, sightings }: FunctionRecord, notes: NoteList): Dumped | undefined {
  let best: Dumped | undefined;
  for (const one of sightings) {
    const space = one.rows.finish();
    if (space === undefined) continue;
    const here = { space, line: one.line };
    if (best === undefined) {
      best = here;
      continue;
    }
    const used = space.bytes.length > best.space.bytes.length ? here : best;
    const lines = `in lines ${best.line} and ${here.line}`;
    if (isSameDump(best.space, space)) {
      notes.add(`${name} has the same bytes ${lines}; what one lacks is taken from the other`, {
        line: here.line,
      });
      best = { space: unitedDump(best.space, space), line: best.line };
      continue;
    }
    notes.add(`${name} has different bytes ${lines}; those of line ${used.line} are used`, {
      line: here.line,
    });
    best = used;
  }
  return best;
}

const fields: readonly (readonly ['vendor' | 'device' | 'classCode', string, number])[] = [
  ['vendor', 'vendor', 4],
  ['device', 'device', 4],
  ['classCode', 'class', 4],
];

/** What the headings say, put together; the first one counts. */
function identityOf({ name, sightings }: FunctionRecord, notes: NoteList): FunctionIdentity {
  let identity: FunctionIdentity = {};
  for (const { label, line } of sightings) {
    const here = readHeading(label);
    for (const [field, word, width] of fields) {
      const [said, before] = [here[field], identity[field]];
      if (said === undefined || before === undefined || said === before) continue;
      const values = [said, before].map((one) => one.toString(16).padStart(width, '0'));
      notes.add(`${name} is of ${word} ${values[0]} here, of ${values[1]} before; the first is used`, {
        line,
      });
    }
    identity = { ...here, ...identity };
  }
  return identity;
}

/** Where bytes and words of one function disagree, text was spliced or a heading is another function's. */
function compare(
  name: string,
  identity: FunctionIdentity,
  { space }: Dumped,
  line: number,
  notes: NoteList,
): void {
  const config = new ConfigReader(space.bytes);
  const lacks = space.missing.some(({ start }) => start < 0x10);
  // A virtual function's own IDs read ff; lspci has them from its physical function.
  if (config.isAbsent || lacks || config.u32(0) === 0xffff_ffff) return;
  const bytes = { vendor: config.u16(0), device: config.u16(2), classCode: config.classCode >>> 8 };
  for (const [field, word, width] of fields) {
    const [said, held] = [identity[field], bytes[field]];
    if (said === undefined || said === held) continue;
    const values = [said, held].map((one) => one.toString(16).padStart(width, '0'));
    notes.add(`${name} is of ${word} ${values[0]} in words, of ${values[1]} in bytes; the bytes are used`, {
      line,
    });
  }
}

/** The text can add nothing to the bytes. */
function holdsAll({ bytes, missing }: CollectedSpace, details: readonly DetailLine[]): boolean {
  if (details.length === 0) return bytes.length >= 64;
  if (missing.length > 0 || bytes.length === 64) return false;
  return bytes.length === 4096 || !details.some((one) => extendedCapability.test(one.text));
}

const extendedCapability = /^Capabilities: \[[1-9a-f][0-9a-f]{2}[\] ]/;

function decode(
  { name }: FunctionRecord,
  identity: FunctionIdentity,
  { details, label, line }: Sighting,
  notes: NoteList,
): DecodedSpace {
  if (isPoweredOff(identity, details)) {
    const space = new DecodedSpace();
    for (let at = 0; at < 64; at += 4) space.put(at, 4, 0xffff_ffff, 0xffff_ffff, line);
    return space;
  }
  return decodeFunction({ identity, label, details, line }, (message, at) =>
    notes.add(`${name}: ${message}`, { line: at }),
  );
}

/** `(rev ff) (prog-if ff)`, or a header type that no function has: all of it reads ff. */
function isPoweredOff(identity: FunctionIdentity, details: readonly DetailLine[]): boolean {
  if (identity.revision !== 0xff) return false;
  return (
    identity.programmingInterface === 0xff ||
    details.some(({ text }) => text.startsWith('!!! Unknown header type 7f'))
  );
}
