/** A segment of a made-up ELF file; its address is given as the two halves of 64 bits. */
export interface MadeSegment {
  readonly type: number;
  readonly virtualLow?: number;
  readonly virtualHigh?: number;
  readonly content: Buffer;
}

/** A section of a made-up ELF file. */
export interface MadeSection {
  readonly name: string;
  readonly type?: number;
  readonly link?: number;
  readonly content: Buffer;
}

const HEADER = 64;
const PROGRAM_HEADER = 56;
const SECTION_HEADER = 64;

/** Writes an x86-64 ELF file: headers, segments, sections (their names last), section headers. */
export function writeElf(segments: readonly MadeSegment[], sections: readonly MadeSection[] = []): Buffer {
  const names = Buffer.from(`\0${sections.map(({ name }) => `${name}\0`).join('')}.shstrtab\0`, 'latin1');
  const all = [
    { name: '', type: 0, content: Buffer.alloc(0) },
    ...sections,
    { name: '.shstrtab', type: 3, content: names },
  ];
  const parts: Buffer[] = [Buffer.alloc(HEADER + PROGRAM_HEADER * segments.length)];
  let at = parts[0]!.length;
  const place = (content: Buffer): number => {
    const start = Math.ceil(at / 16) * 16;
    parts.push(Buffer.alloc(start - at), content);
    at = start + content.length;
    return start;
  };
  const header = parts[0]!;
  segments.forEach(({ type, virtualLow = 0, virtualHigh = 0, content }, index) => {
    const entry = HEADER + PROGRAM_HEADER * index;
    header.writeUInt32LE(type, entry);
    header.writeUInt32LE(place(content), entry + 8);
    header.writeUInt32LE(virtualLow, entry + 16);
    header.writeUInt32LE(virtualHigh, entry + 20);
    header.writeUInt32LE(content.length, entry + 32);
    header.writeUInt32LE(content.length, entry + 40);
  });
  const table = Buffer.alloc(SECTION_HEADER * all.length);
  all.forEach(({ name, content, ...rest }, index) => {
    const entry = SECTION_HEADER * index;
    table.writeUInt32LE(name === '' ? 0 : names.indexOf(`\0${name}\0`) + 1, entry);
    table.writeUInt32LE(rest.type ?? 1, entry + 4);
    table.writeUInt32LE(place(content), entry + 24);
    table.writeUInt32LE(content.length, entry + 32);
    table.writeUInt32LE('link' in rest ? (rest.link ?? 0) : 0, entry + 40);
  });
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(HEADER, 32);
  header.writeUInt32LE(place(table), 40);
  header.writeUInt16LE(HEADER, 52);
  header.writeUInt16LE(PROGRAM_HEADER, 54);
  header.writeUInt16LE(segments.length, 56);
  header.writeUInt16LE(SECTION_HEADER, 58);
  header.writeUInt16LE(all.length, 60);
  header.writeUInt16LE(all.length - 1, 62);
  return Buffer.concat(parts);
}
