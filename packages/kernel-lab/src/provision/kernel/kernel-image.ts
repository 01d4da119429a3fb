import { UserError } from '@quiesce/simulation';
import { ElfFile, isElf, segmentType, stringAt } from '../elf/elf-file.ts';
import { decompressPayload, isCompressed } from './compression.ts';

/** `HdrS` at 0x202, offsets of Documentation/arch/x86/boot.rst. */
const header = {
  setupSectors: 0x1f1,
  magic: 0x202,
  protocol: 0x206,
  kernelVersion: 0x20e,
  payloadOffset: 0x248,
  payloadLength: 0x24c,
} as const;

/** A kernel in the two forms in which it is built. */
export interface KernelImage {
  /** `bzImage` if that is what was given: what kexec_file_load wants; undefined for a bare ELF file. */
  readonly bzImage: Buffer | undefined;
  /** The ELF file within, or what was given. */
  readonly vmlinux: Buffer;
  /** `6.1.0-56-amd64`, as uname -r says. */
  readonly release: string;
  /** QEMU can start the ELF file as it is: it has a Xen note PHYS32_ENTRY (PVH). */
  readonly pvh: boolean;
}

/**
 * Reads a bzImage or an ELF file.
 * @throws UserError `LAB_KERNEL_IMAGE` if it is neither, `LAB_COMPRESSION`, `LAB_TOOL_MISSING`
 */
export async function readKernelImage(bytes: Buffer, file: string): Promise<KernelImage> {
  if (isElf(bytes)) return withElf(undefined, bytes, file);
  const isBzImage =
    bytes.length > 0x268 && bytes.toString('latin1', header.magic, header.magic + 4) === 'HdrS';
  if (!isBzImage || bytes.readUInt16LE(header.protocol) < 0x0208) {
    throw new UserError('LAB_KERNEL_IMAGE', 'Not a kernel for x86', {
      expected: 'a bzImage of boot protocol 2.08 or later, or vmlinux',
      place: { file },
    });
  }
  const payload = payloadOf(bytes, file);
  return withElf(bytes, isCompressed(payload) ? await decompressPayload(payload) : payload, file);
}

/** The packed kernel within a bzImage. */
export function payloadOf(bzImage: Buffer, file: string): Buffer {
  const setupSectors = bzImage[header.setupSectors] || 4;
  const start = (setupSectors + 1) * 512 + bzImage.readUInt32LE(header.payloadOffset);
  const length = bzImage.readUInt32LE(header.payloadLength);
  if (length === 0 || start + length > bzImage.length) {
    throw new UserError('LAB_KERNEL_IMAGE', 'The kernel image is cut off', {
      expected: `${start + length} bytes`,
      place: { file },
    });
  }
  return bzImage.subarray(start, start + length);
}

function withElf(bzImage: Buffer | undefined, vmlinux: Buffer, file: string): KernelImage {
  const elf = new ElfFile(vmlinux, file);
  const release = (bzImage && releaseInHeader(bzImage)) ?? releaseInBanner(vmlinux);
  if (release === undefined) {
    throw new UserError('LAB_KERNEL_IMAGE', 'No Linux kernel: nothing in it says which version it is', {
      expected: 'the line "Linux version …"',
      place: { file },
    });
  }
  return { bzImage, vmlinux, release, pvh: hasPvhEntry(elf) };
}

function releaseInHeader(bzImage: Buffer): string | undefined {
  const pointer = bzImage.readUInt16LE(header.kernelVersion);
  if (pointer === 0) return undefined;
  return /^\S+/.exec(stringAt(bzImage, pointer + 0x200))?.[0];
}

function releaseInBanner(vmlinux: Buffer): string | undefined {
  const banner = 'Linux version ';
  for (let at = vmlinux.indexOf(banner); at >= 0; at = vmlinux.indexOf(banner, at + 1)) {
    const release = /^\d\S*/.exec(vmlinux.toString('latin1', at + banner.length, at + banner.length + 128));
    if (release) return release[0];
  }
  return undefined;
}

/** Type of the note that names the 32-bit entry (Xen public/elfnote.h). */
const XEN_PHYS32_ENTRY = 18;

function hasPvhEntry(elf: ElfFile): boolean {
  for (const { type, offset, fileSize } of elf.segments) {
    if (type !== segmentType.note) continue;
    const end = Math.min(offset + fileSize, elf.bytes.length - 12);
    for (let at = offset; at < end; ) {
      const nameSize = elf.bytes.readUInt32LE(at);
      const dataSize = elf.bytes.readUInt32LE(at + 4);
      const isXen = elf.bytes.toString('latin1', at + 12, at + 15) === 'Xen';
      if (isXen && elf.bytes.readUInt32LE(at + 8) === XEN_PHYS32_ENTRY) return true;
      at += 12 + Math.ceil(nameSize / 4) * 4 + Math.ceil(dataSize / 4) * 4;
    }
  }
  return false;
}
