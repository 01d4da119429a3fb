import { UserError } from '@quiesce/simulation';

/** A program header (System V ABI, AMD64 supplement): what the loader puts where. */
export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  /** Low and high half of the virtual address: kernel addresses are beyond what a number holds. */
  readonly virtualLow: number;
  readonly virtualHigh: number;
  /** Physical address. */
  readonly physical: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** A section header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the section that it refers to: of a symbol table, its strings. */
  readonly link: number;
}

/** Types of program headers. */
export const segmentType = { load: 1, dynamic: 2, note: 4 } as const;

/** An x86-64 ELF file: program headers and section headers. */
export class ElfFile {
  readonly bytes: Buffer;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];

  /** @throws UserError `LAB_ELF` if that is no 64-bit little-endian ELF, or is cut off */
  constructor(bytes: Buffer, file?: string) {
    this.bytes = bytes;
    const place = file === undefined ? {} : { place: { file } };
    const expected = 'a 64-bit little-endian ELF file';
    if (!isElf(bytes)) throw new UserError('LAB_ELF', 'Not an ELF file', { expected, ...place });
    try {
      this.segments = readSegments(bytes);
      this.sections = readSections(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UserError('LAB_ELF', 'The ELF file is cut off within its headers', { expected, ...place });
    }
  }

  /** The bytes of a section; undefined if there is none of that name. */
  section(name: string): Buffer | undefined {
    const found = this.sections.find((section) => section.name === name);
    return found && this.bytes.subarray(found.offset, found.offset + found.size);
  }

  /** Where in the file the byte at a virtual address stands; undefined if it is in no loaded segment. */
  offsetOf(virtualLow: number, virtualHigh: number): number | undefined {
    for (const segment of this.segments) {
      const within = virtualLow - segment.virtualLow;
      if (segment.type !== segmentType.load || segment.virtualHigh !== virtualHigh) continue;
      if (within >= 0 && within < segment.fileSize) return segment.offset + within;
    }
    return undefined;
  }
}

/** Whether a file begins as a 64-bit little-endian ELF file does. */
export function isElf(bytes: Buffer): boolean {
  return bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f45_4c46 && bytes[4] === 2 && bytes[5] === 1;
}

function readSegments(bytes: Buffer): ElfSegment[] {
  const table = word64(bytes, 32);
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = table + index * size;
    return {
      type: bytes.readUInt32LE(at),
      flags: bytes.readUInt32LE(at + 4),
      offset: word64(bytes, at + 8),
      virtualLow: bytes.readUInt32LE(at + 16),
      virtualHigh: bytes.readUInt32LE(at + 20),
      physical: word64(bytes, at + 24),
      fileSize: word64(bytes, at + 32),
      memorySize: word64(bytes, at + 40),
    };
  });
}

function readSections(bytes: Buffer): ElfSection[] {
  const table = word64(bytes, 40);
  const size = bytes.readUInt16LE(58);
  const count = table === 0 ? 0 : bytes.readUInt16LE(60);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * size;
    return {
      nameAt: bytes.readUInt32LE(at),
      type: bytes.readUInt32LE(at + 4),
      offset: word64(bytes, at + 24),
      size: word64(bytes, at + 32),
      link: bytes.readUInt32LE(at + 40),
    };
  });
  const names = headers[bytes.readUInt16LE(62)];
  return headers.map(({ nameAt, ...header }) => ({
    name: names === undefined ? '' : stringAt(bytes, names.offset + nameAt),
    ...header,
  }));
}

/** A 64-bit word that fits a number: file offsets and sizes. */
function word64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

/** A string that a zero byte ends. */
export function stringAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}
