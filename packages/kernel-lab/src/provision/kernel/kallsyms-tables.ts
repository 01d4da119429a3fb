const MARKER_STEP = 256;

/** Where the tables of scripts/kallsyms.c stand in the file. */
export interface KallsymsTables {
  readonly names: number;
  readonly markers: number;
  readonly count: number;
  readonly tokenTable: number;
  readonly tokenIndex: number;
}

/**
 * Finds the tables by what they must be: the token index repeats the offsets of the token table's strings, the markers are
 * the offsets of every 256th name. Every place that fits, the likeliest first.
 */
export function* kallsymsTables(bytes: Buffer): Generator<KallsymsTables> {
  for (const { table, index } of tokenTables(bytes)) {
    const tables = nameTables(bytes, table, index);
    if (tables !== undefined) yield tables;
  }
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
export function nameAt(bytes: Buffer, at: number): { length: number; data: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { length: first, data: at + 1 };
  return { length: (first & 0x7f) | (bytes[at + 1]! << 7), data: at + 2 };
}
