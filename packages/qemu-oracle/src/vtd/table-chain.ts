import type { OracleMemory } from './oracle-memory.ts';

/** What a unit reads before it comes to the page table, with what it would need to remember of it. */
export interface TableChain {
  /** Dwords by address, root entry first. */
  readonly words: ReadonlyMap<number, number>;
  readonly domain: number;
  /** Levels of the page table, garbage where the entry is. */
  readonly levels: number;
  readonly table: number;
  readonly passThrough: boolean;
  /** Only root and context entry are held; the PASID entry is that of now. */
  readonly contextOnly: boolean;
  /** FPD in one of the entries. */
  readonly faultDisabled: boolean;
}

/** Where each structure of a requester stands, and what it says. `undefined`: not present. */
export interface ContextWords {
  readonly root: readonly number[];
  readonly context: readonly number[];
}

/** Directory and table entry of a requester's RID_PASID. */
export interface PasidWords {
  readonly directory: readonly number[];
  readonly entry: readonly number[];
}

function dwords(memory: OracleMemory, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => memory.read32(address + 4 * i));
}

function pointer(words: readonly number[], at = 0): number {
  return (
    ((words[at + 1] as number) & 0x000f_ffff) * 0x1_0000_0000 + (((words[at] as number) & 0xffff_f000) >>> 0)
  );
}

function contextAddress(root: readonly number[], requesterId: number, scalable: boolean): number {
  const devfn = requesterId & 0xff;
  if (!scalable) return pointer(root) + devfn * 16;
  return pointer(root, devfn < 0x80 ? 0 : 2) + (devfn & 0x7f) * 32;
}

/** Root and context entry of a requester as they stand in memory, or undefined when one of them is not present. */
export function readContext(
  memory: OracleMemory,
  rootTable: number,
  requesterId: number,
  scalable: boolean,
): ContextWords | undefined {
  const root = dwords(memory, rootTable + (requesterId >>> 8) * 16, 4);
  const half = scalable && (requesterId & 0x80) !== 0 ? 2 : 0;
  if (((root[half] as number) & 1) === 0) return undefined;
  const context = dwords(memory, contextAddress(root, requesterId, scalable), scalable ? 8 : 4);
  return ((context[0] as number) & 1) === 0 ? undefined : { root, context };
}

/** RID_PASID, 0 .. 2^20 - 1: what requests without a PASID are treated as having, if ECAP.RPS (VT-d 9.4). */
export function ridPasid(context: ContextWords): number {
  return (context.context[2] as number) & 0xf_ffff;
}

/** Directory and table entry of a PASID; undefined when one of them is not present, or with `evenAbsent` the directory's. */
export function readPasid(
  memory: OracleMemory,
  context: ContextWords,
  pasid: number,
  evenAbsent = false,
): PasidWords | undefined {
  const directory = dwords(memory, pointer(context.context) + (pasid >>> 6) * 8, 2);
  if (((directory[0] as number) & 1) === 0) return undefined;
  const entry = dwords(memory, pointer(directory) + (pasid & 63) * 64, 16);
  return ((entry[0] as number) & 1) === 0 && !evenAbsent ? undefined : { directory, entry };
}

/** What a unit goes by that holds these entries, whatever stands in memory now. */
export function tableChain(
  rootTable: number,
  requesterId: number,
  context: ContextWords,
  pasid: PasidWords | undefined,
  number = 0,
): TableChain {
  const words = new Map<number, number>();
  const put = (address: number, values: readonly number[]): void => {
    for (const [i, value] of values.entries()) words.set(address + 4 * i, value);
  };
  const scalable = context.context.length === 8;
  put(rootTable + (requesterId >>> 8) * 16, context.root);
  put(contextAddress(context.root, requesterId, scalable), context.context);
  const [low = 0, , word2 = 0] = context.context;
  if (!scalable) {
    return {
      words,
      domain: (word2 >>> 8) & 0xffff,
      levels: (word2 & 7) + 2,
      table: pointer(context.context),
      passThrough: ((low >>> 2) & 3) === 2,
      contextOnly: false,
      faultDisabled: (low & 2) !== 0,
    };
  }
  if (pasid === undefined) {
    return {
      words,
      domain: -1,
      levels: 0,
      table: 0,
      passThrough: false,
      contextOnly: true,
      faultDisabled: (low & 2) !== 0,
    };
  }
  put(pointer(context.context) + (number >>> 6) * 8, pasid.directory);
  put(pointer(pasid.directory) + (number & 63) * 64, pasid.entry);
  const first = pasid.entry[0] as number;
  return {
    words,
    domain: (pasid.entry[2] as number) & 0xffff,
    levels: ((first >>> 2) & 7) + 2,
    table: pointer(pasid.entry),
    passThrough: ((first >>> 6) & 7) === 4,
    contextOnly: false,
    faultDisabled: ((low | (pasid.directory[0] as number) | first) & 2) !== 0,
  };
}

/** A finished translation, as an IO-TLB would hold it. */
export interface CachedTranslation {
  readonly domain: number;
  readonly start: number;
  readonly bytes: number;
  readonly frame: number;
  readonly read: boolean;
  readonly write: boolean;
  /** Whose request it was made for. */
  readonly requesterId: number;
}

/** The leaf for an address in tables that are known to lead there; undefined where they do not. */
export function leafOf(
  memory: OracleMemory,
  chain: TableChain,
  address: number,
  requesterId: number,
): CachedTranslation | undefined {
  let table = chain.table;
  let rights = 3;
  for (let level = Math.min(chain.levels, 5); level >= 1; level--) {
    const bytes = 2 ** (12 + 9 * (level - 1));
    const at = table + (Math.floor(address / bytes) % 512) * 8;
    const entry = [memory.read32(at), memory.read32(at + 4)];
    const low = entry[0] as number;
    rights &= low;
    if (rights === 0) return undefined;
    if (level === 1 || (low & 0x80) !== 0) {
      return {
        domain: chain.domain,
        start: Math.floor(address / bytes) * bytes,
        bytes,
        frame: Math.floor(pointer(entry) / bytes) * bytes,
        read: (rights & 1) !== 0,
        write: (rights & 2) !== 0,
        requesterId,
      };
    }
    table = pointer(entry);
  }
  return undefined;
}
