import { type ElfFile, segmentType, stringAt } from './elf-file.ts';

/** Tags of the dynamic section (System V ABI, chapter 5). */
const tag = { needed: 1, stringTable: 5 } as const;

/** The names (DT_NEEDED) of the shared libraries that a program or a library asks for; none if it is static. */
export function neededLibraries(elf: ElfFile): string[] {
  const dynamic = elf.segments.find(({ type }) => type === segmentType.dynamic);
  if (dynamic === undefined) return [];
  const names: number[] = [];
  let strings: number | undefined;
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.fileSize; at += 16) {
    const kind = elf.bytes.readUInt32LE(at);
    if (kind === 0) break;
    if (kind === tag.needed) names.push(elf.bytes.readUInt32LE(at + 8));
    if (kind === tag.stringTable) {
      strings = elf.offsetOf(elf.bytes.readUInt32LE(at + 8), elf.bytes.readUInt32LE(at + 12));
    }
  }
  return strings === undefined ? [] : names.map((name) => stringAt(elf.bytes, strings + name));
}

/** The program that loads its libraries (PT_INTERP), such as `/lib64/ld-linux-x86-64.so.2`; undefined if it is static. */
export function interpreter(elf: ElfFile): string | undefined {
  const segment = elf.segments.find(({ type }) => type === 3);
  return segment && stringAt(elf.bytes, segment.offset);
}
