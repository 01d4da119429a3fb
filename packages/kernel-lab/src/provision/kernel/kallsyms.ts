import { ElfFile, segmentType } from '../elf/elf-file.ts';
import { type KallsymsTables, kallsymsTables, nameAt } from './kallsyms-tables.ts';
import { addSymbol, KernelSymbols, kernelMap } from './kernel-symbols.ts';

/**
 * Reads the symbols out of the tables that a kernel with CONFIG_KALLSYMS carries for itself, without booting it. The tables
 * have neither names nor a header once symbols are stripped; each is found by what it must be: the token index repeats the
 * offsets of the token table's strings, the markers are offsets of every 256th name, and `_text` must come out as the
 * address where the first segment was linked. Undefined if that does not come together.
 */
export function readKallsyms(vmlinux: Buffer): KernelSymbols | undefined {
  const elf = new ElfFile(vmlinux);
  const text = elf.segments.find(
    ({ type, virtualHigh }) => type === segmentType.load && virtualHigh === kernelMap.high,
  );
  if (text === undefined) return undefined;
  for (const tables of kallsymsTables(vmlinux)) {
    const names = readNames(vmlinux, tables);
    for (const offsets of candidateOffsets(elf, tables)) {
      const symbols = symbolsOf(names, offsets);
      if (symbols.offset('_text') === text.virtualLow - kernelMap.low) return symbols;
    }
  }
  return undefined;
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
    else if (base + 8 <= bytes.length && bytes.readUInt32LE(base + 4) === kernelMap.high) {
      const low = bytes.readUInt32LE(base) - kernelMap.low;
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
  const place = segment.virtualLow - kernelMap.low + at - segment.offset;
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
