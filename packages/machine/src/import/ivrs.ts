import type { NoteList } from './note-list.ts';

/** An IO-APIC or HPET that an IVHD block names, and under which requester ID it sends. */
export interface IvrsSource {
  readonly kind: 'io-apic' | 'hpet';
  readonly id: number;
  readonly requesterId: number;
}

/** An I/O virtualization hardware definition: one unit and what stands behind it. */
export interface IvhdBlock {
  /** 0x10, 0x11 or 0x40; later ones say more. */
  readonly type: number;
  /** Byte offset in the table. */
  readonly offset: number;
  /** Requester ID of the unit's own function. */
  readonly requesterId: number;
  readonly segment: number;
  readonly registerBase: number;
  /** Extended feature registers 1 and 2, 16 hexadecimal digits each; type 0x10 does not have them. */
  readonly features?: string;
  readonly features2?: string;
  /** The highest that its entries name; undefined if they name none. */
  readonly lastRequesterId?: number;
  readonly interruptSources: readonly IvrsSource[];
}

/** An I/O virtualization memory definition: memory that devices of firmware use, or that none may. */
export interface IvmdBlock {
  readonly offset: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The ACPI I/O Virtualization Reporting Structure (AMD 48882, chapter 5). */
export interface Ivrs {
  readonly units: readonly IvhdBlock[];
  readonly memory: readonly IvmdBlock[];
}

const FIRST_BLOCK = 48;
const ADDRESS_LIMIT = 2 ** 52;

/** Reads an IVRS table. Blocks whose lengths cannot be right end it, with a note; what stood before is kept. */
export function parseIvrs(bytes: Uint8Array, notes: NoteList): Ivrs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const units: IvhdBlock[] = [];
  const memory: IvmdBlock[] = [];
  let at = FIRST_BLOCK;
  while (at + 4 <= bytes.length) {
    const type = view.getUint8(at);
    const length = view.getUint16(at + 2, true);
    const isUnit = type === 0x10 || type === 0x11 || type === 0x40;
    const isMemory = type >= 0x20 && type <= 0x22;
    const least = isUnit ? firstEntry(type) : isMemory ? 32 : 4;
    if (length < least || at + length > bytes.length) {
      const message = `IVRS: a block of type 0x${type.toString(16)} says that it has ${length} bytes; it and what follows are not read`;
      notes.add(message, { offset: at + 2 });
      return { units, memory };
    }
    if (isUnit) addTo(units, unitAt(view, at, length, notes), at, notes);
    else if (isMemory) addTo(memory, memoryAt(view, at), at, notes);
    else notes.add(`IVRS: a block of type 0x${type.toString(16)} is not known here`, { offset: at });
    at += length;
  }
  if (at < bytes.length) notes.add(`IVRS: ${bytes.length - at} bytes are left at its end`, { offset: at });
  return { units, memory };
}

function addTo<Block>(blocks: Block[], block: Block | undefined, at: number, notes: NoteList): void {
  if (block !== undefined) blocks.push(block);
  else notes.add('IVRS: a block whose address cannot be is left out', { offset: at });
}

function firstEntry(type: number): number {
  return type === 0x10 ? 24 : 40;
}

function address(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return value < ADDRESS_LIMIT ? value : undefined;
}

function digits(view: DataView, at: number): string {
  const word = (offset: number): string => view.getUint32(offset, true).toString(16).padStart(8, '0');
  return word(at + 4) + word(at);
}

function unitAt(view: DataView, at: number, length: number, notes: NoteList): IvhdBlock | undefined {
  const type = view.getUint8(at);
  const registerBase = address(view, at + 8);
  if (registerBase === undefined || registerBase === 0 || registerBase % 0x1000 !== 0) return undefined;
  return {
    type,
    offset: at,
    requesterId: view.getUint16(at + 4, true),
    segment: view.getUint16(at + 16, true),
    registerBase,
    ...(type === 0x10 ? {} : { features: digits(view, at + 24), features2: digits(view, at + 32) }),
    ...readEntries(view, at + firstEntry(type), at + length, notes),
  };
}

const ALL = 1;
const SPECIAL = 0x48;
const NAMED = 0xf0;

/** The device entries of a block (48882, 5.2.2.1 ff.): the type says how long one is. */
function readEntries(
  view: DataView,
  start: number,
  end: number,
  notes: NoteList,
): Pick<IvhdBlock, 'lastRequesterId' | 'interruptSources'> {
  let last = -1;
  const interruptSources: IvrsSource[] = [];
  for (let at = start; at + 4 <= end; ) {
    const type = view.getUint8(at);
    const bytes = entryBytes(view, at, end);
    if (bytes === undefined || at + bytes > end) {
      notes.add(`IVRS: a device entry of type 0x${type.toString(16)} runs past its block`, { offset: at });
      break;
    }
    const requesterId = view.getUint16(at + 1, true);
    if (type === ALL) last = 0xffff;
    else if (type === SPECIAL) addSource(view, at, interruptSources);
    else if (type !== 0) last = Math.max(last, requesterId);
    at += bytes;
  }
  return { ...(last < 0 ? {} : { lastRequesterId: last }), interruptSources };
}

function entryBytes(view: DataView, at: number, end: number): number | undefined {
  const type = view.getUint8(at);
  // An ACPI device has a name of its own length behind 22 bytes.
  if (type === NAMED) return at + 22 > end ? undefined : 22 + view.getUint8(at + 21);
  return type < 0x40 ? 4 : type < 0x80 ? 8 : type < 0xc0 ? 16 : 32;
}

function addSource(view: DataView, at: number, sources: IvrsSource[]): void {
  const variety = view.getUint8(at + 7);
  if (variety !== 1 && variety !== 2) return;
  const kind = variety === 1 ? 'io-apic' : 'hpet';
  sources.push({ kind, id: view.getUint8(at + 4), requesterId: view.getUint16(at + 5, true) });
}

function memoryAt(view: DataView, at: number): IvmdBlock | undefined {
  const start = address(view, at + 16);
  const bytes = address(view, at + 24);
  if (start === undefined || bytes === undefined || start + bytes >= ADDRESS_LIMIT) return undefined;
  return { offset: at, start, end: start + bytes };
}
