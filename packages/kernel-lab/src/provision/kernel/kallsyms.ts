import { ElfFile, segmentType } from '../elf/elf-file.ts';
import { addSymbol, KernelSymbols } from './kernel-symbols.ts';

const START_KERNEL_MAP_LOW = 0x8000_0000;
const KERNEL_HIGH = 0xffff_ffff;
const MARKER_STEP = 256;

/** Where the tables of scripts/kallsyms.c stand in the file. */
interface KallsymsTables {
  readonly names: number;
  readonly markers: number;
  readonly count: number;
  readonly tokenTable: number;
  readonly tokenIndex: number;
}

/**
 * Reads the symbols out of the tables that a kernel with CONFIG_KALLSYMS carries for itself, without booting it. The tables
 * have neither names nor a header once symbols are stripped; each is found by what it must be: the token index repeats the
 * offsets of the token table's strings, the markers are offsets of every 256th name, and `_text` must come out as the
 * address where the first segment was linked. Undefined if that does not come together.
 */
export function readKallsyms(vmlinux: Buffer): KernelSymbols | undefined {
  const elf = new ElfFile(vmlinux);
  const text = elf.segments.find(
    ({ type, virtualHigh }) => type === segmentType.load && virtualHigh === KERNEL_HIGH,
  );
  if (text === undefined) return undefined;
  for (const tokens of tokenTables(vmlinux)) {
    const tables = nameTables(vmlinux, tokens.table, tokens.index);
    if (tables === undefined) continue;
    const names = readNames(vmlinux, tables);
    for (const offsets of candidateOffsets(elf, tables)) {
      const symbols = symbolsOf(names, offsets);
      if (symbols.offset('_text') === text.virtualLow - START_KERNEL_MAP_LOW) return symbols;
    }
  }
  return undefined;
}

/** The 256 strings that names are made of, and the 256 16-bit offsets that find them. */
function* tokenTables(bytes: Buffer): Generator<{ table: number; index: number }> {
  // Digits stand for themselves in every kernel: names have too many of them to be replaced.
  const digits = Buffer.from('0\x001\x002\x003\x004\x005\x006\x007\x008\x009\x00', 'latin1');
  for (let at = bytes.indexOf(digits); at >= 0; at = bytes.indexOf(digits, at + 1)) {
    let table = at;
    for (let token = 0x30; token > 0 && table > 0; token--) table = bytes.lastIndexOf(0, table - 2) + 1;
    const starts: number[] = [];
    let next = table;
    for (let token = 0; token < 256; token++) {
      starts.push(next - table);
      next = bytes.indexOf(0, next) + 1;
    }
    for (let index = next; index < next + 64; index++) {
      if (index + 512 > bytes.length) break;
      if (starts.every((start, token) => bytes.readUInt16LE(index + 2 * token) === start))
        yield { table, index };
    }
  }
}

/** Markers stand before the token table (in 6.2 and 6.3 with another table between), names before the markers. */
function nameTables(bytes: Buffer, tokenTable: number, tokenIndex: number): KallsymsTables | undefined {
  for (const end of ends(bytes, tokenTable)) {
    // Backwards from the last marker, each below the one behind it, to the first, which is 0.
    let markers = end - 4;
    while (markers >= 4 && bytes.readUInt32LE(markers) > bytes.readUInt32LE(markers - 4)) markers -= 4;
    if (bytes.readUInt32LE(markers) !== 0) continue;
    const steps = (end - markers) / 4;
    const last = bytes.readUInt32LE(end - 4);
    if (steps < 2) continue;
    // Behind the last marker there are 1 to 256 names.
    for (let names = markers - last - 2; names > 8 && names > markers - last - MARKER_STEP * 512; names--) {
      const count = countBefore(bytes, names, steps);
      if (count === undefined) continue;
      const tables = { names, markers, count, tokenTable, tokenIndex };
      if (markersFit(bytes, tables)) return tables;
    }
  }
  return undefined;
}

/** Where the markers may end, the likely places first. */
function* ends(bytes: Buffer, tokenTable: number): Generator<number> {
  for (let end = tokenTable; end > tokenTable - 16; end--) {
    if (bytes.readUInt32LE(end - 4) !== 0) yield end;
  }
  // kallsyms_seqs_of_names lies between: three bytes for each symbol, at most a million symbols.
  for (let end = tokenTable - 16; end > tokenTable - 3_000_000 && end > 8; end -= 4) {
    const [before, here] = [bytes.readUInt32LE(end - 8), bytes.readUInt32LE(end - 4)];
    if (here > before && here - before < MARKER_STEP * 512 && here - before > MARKER_STEP * 2) yield end;
  }
}

/** kallsyms_num_syms stands before the names, with up to seven bytes of padding. */
function countBefore(bytes: Buffer, names: number, steps: number): number | undefined {
  for (const distance of [8, 4]) {
    const count = bytes.readUInt32LE(names - distance);
    if (Math.ceil(count / MARKER_STEP) === steps) return count;
  }
  return undefined;
}

function markersFit(bytes: Buffer, { names, markers, count }: KallsymsTables): boolean {
  let at = names;
  for (let symbol = 0; symbol < count; symbol++) {
    if (symbol % MARKER_STEP === 0) {
      const marker = bytes.readUInt32LE(markers + (symbol / MARKER_STEP) * 4);
      if (marker !== at - names) return false;
    }
    const { length, data } = nameAt(bytes, at);
    at = data + length;
  }
  return at <= markers && markers - at < 16;
}

/** Length in tokens: one byte, or two (since 6.1) if the first one's highest bit is set. */
function nameAt(bytes: Buffer, at: number): { length: number; data: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { length: first, data: at + 1 };
  return { length: (first & 0x7f) | (bytes[at + 1]! << 7), data: at + 2 };
}

/** Every name without the letter of its type. */
function readNames(bytes: Buffer, tables: KallsymsTables): string[] {
  const tokens = Array.from({ length: 256 }, (_, token) => {
    const start = tables.tokenTable + bytes.readUInt16LE(tables.tokenIndex + 2 * token);
    return bytes.toString('latin1', start, bytes.indexOf(0, start));
  });
  const names: string[] = [];
  let at = tables.names;
  for (let symbol = 0; symbol < tables.count; symbol++) {
    const { length, data } = nameAt(bytes, at);
    let name = '';
    for (let index = data; index < data + length; index++) name += tokens[bytes[index]!];
    names.push(name.slice(1));
    at = data + length;
  }
  return names;
}

/** Distances from __START_KERNEL_map, in each of the ways in which kernels have written them. */
function* candidateOffsets(elf: ElfFile, tables: KallsymsTables): Generator<Float64Array> {
  const { bytes } = elf;
  const size = tables.count * 4;
  const places: { offsets: number; base: number | undefined }[] = [];
  // Until 6.3 (commit 404bad70fcf7): offsets, base, count, names.
  for (let base = tables.names - 16; base > tables.names - 40; base -= 4) {
    for (let offsets = base - size; offsets > base - size - 8; offsets -= 4) places.push({ offsets, base });
  }
  // Since then: token index, offsets, base; since 7.0 (commit a081b5789255) offsets from their own place, and no base.
  for (let offsets = tables.tokenIndex + 512; offsets < tables.tokenIndex + 528; offsets += 4) {
    for (let base = offsets + size; base < offsets + size + 8; base += 4) places.push({ offsets, base });
    places.push({ offsets, base: undefined });
  }
  for (const { offsets, base } of places) {
    if (base === undefined) yield relativeToPlace(elf, offsets, tables.count);
    else if (base + 8 <= bytes.length && bytes.readUInt32LE(base + 4) === KERNEL_HIGH) {
      const low = bytes.readUInt32LE(base) - START_KERNEL_MAP_LOW;
      yield negativeFromBase(bytes, offsets, tables.count, low);
      yield positiveFromBase(bytes, offsets, tables.count, low);
    }
  }
}

/** With CONFIG_KALLSYMS_ABSOLUTE_PERCPU: negative ones below the base less one, others absolute and not of the kernel's map. */
function negativeFromBase(bytes: Buffer, at: number, count: number, base: number): Float64Array {
  return Float64Array.from({ length: count }, (_, symbol) => {
    const offset = bytes.readInt32LE(at + 4 * symbol);
    return offset >= 0 ? -1 : base - 1 - offset;
  });
}

function positiveFromBase(bytes: Buffer, at: number, count: number, base: number): Float64Array {
  return Float64Array.from({ length: count }, (_, symbol) => base + bytes.readUInt32LE(at + 4 * symbol));
}

function relativeToPlace(elf: ElfFile, at: number, count: number): Float64Array {
  const segment = elf.segments.find(
    ({ type, offset, fileSize }) => type === segmentType.load && at >= offset && at < offset + fileSize,
  );
  if (segment === undefined || at + 4 * count > elf.bytes.length) return new Float64Array();
  const place = segment.virtualLow - START_KERNEL_MAP_LOW + at - segment.offset;
  return Float64Array.from(
    { length: count },
    (_, symbol) => place + 4 * symbol + elf.bytes.readInt32LE(at + 4 * symbol),
  );
}

function symbolsOf(names: readonly string[], offsets: Float64Array): KernelSymbols {
  const symbols = new Map<string, number[]>();
  for (const [index, offset] of offsets.entries()) addSymbol(symbols, names[index]!, offset);
  return new KernelSymbols(symbols);
}
