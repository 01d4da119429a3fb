/** ACPI tables are small; this is far above the largest DSDT. */
export const MAX_TABLE_BYTES: number = 16 * 1024 * 1024;
/** Header of every table but FACS and RSDP (ACPI 5.2.6). */
export const HEADER_BYTES = 36;

/** One ACPI table as bytes. */
export interface AcpiTable {
  /** Four characters, e.g. `DMAR`. */
  readonly signature: string;
  /** As long as its header says, unless the dump ended before. */
  readonly bytes: Uint8Array;
  /** Line of its heading; undefined for a binary table. */
  readonly line?: number;
  /** Where it begins in a file of several binary tables; left out for the first. */
  readonly offset?: number;
}

/** How many bytes the tables of one dump may lack in their middle: a hostile offset makes no table larger than its text. */
export class GapBudget {
  #left = 0x10_0000;

  /** Whether a gap of so many bytes is still allowed; it is used up then. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}

/** A table that is put together from pieces of text, which may overlap, contradict each other and leave gaps. */
export class TableBytes {
  #bytes = new Uint8Array(256);
  #known = new Uint8Array(256);
  #length = 0;
  #contradictions = 0;
  readonly #gaps: GapBudget;

  constructor(gaps: GapBudget) {
    this.#gaps = gaps;
  }

  /** Behind the highest byte that was put. */
  get length(): number {
    return this.#length;
  }

  /** How often a byte was put that had another value before. The first one stays. */
  get contradictions(): number {
    return this.#contradictions;
  }

  /** False if it would lie beyond {@link MAX_TABLE_BYTES}, or too far behind all that was put before. */
  put(offset: number, value: number): boolean {
    if (offset >= MAX_TABLE_BYTES) return false;
    if (offset > this.#length && !this.#gaps.take(offset - this.#length)) return false;
    if (offset >= this.#bytes.length) this.#grow(offset + 1);
    if (this.#known[offset] === 1) {
      if (this.#bytes[offset] !== value) this.#contradictions++;
      return true;
    }
    this.#bytes[offset] = value;
    this.#known[offset] = 1;
    if (offset >= this.#length) this.#length = offset + 1;
    return true;
  }

  /** Bytes up to `end` that nobody put. */
  gaps(end: number): { readonly start: number; readonly end: number }[] {
    const gaps: { start: number; end: number }[] = [];
    for (let at = 0; at < Math.min(end, this.#length); at++) {
      if (this.#known[at] === 1) continue;
      const last = gaps.at(-1);
      if (last?.end === at) last.end++;
      else if (gaps.length < 1000) gaps.push({ start: at, end: at + 1 });
    }
    return gaps;
  }

  /** The length in the table's header; undefined if it was not put. */
  get statedLength(): number | undefined {
    for (let at = 4; at < 8; at++) if (this.#known[at] !== 1) return undefined;
    return new DataView(this.#bytes.buffer).getUint32(4, true);
  }

  /** What nobody put is zero. */
  bytes(end: number = this.#length): Uint8Array {
    return this.#bytes.slice(0, Math.min(end, this.#length));
  }

  #grow(needed: number): void {
    const size = Math.max(needed, this.#bytes.length * 2);
    const [bytes, known] = [new Uint8Array(size), new Uint8Array(size)];
    bytes.set(this.#bytes);
    known.set(this.#known);
    this.#bytes = bytes;
    this.#known = known;
  }
}

/** All bytes of a table together give 0 (ACPI 5.2.6). */
export function hasRightSum(bytes: Uint8Array): boolean {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return sum === 0;
}
