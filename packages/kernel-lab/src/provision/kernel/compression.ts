import { gunzipSync } from 'node:zlib';
import { UserError } from '@quiesce/simulation';
import { runTool } from '../tools/run-tool.ts';

interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  unpack(bytes: Buffer): Buffer | Promise<Buffer>;
}

/** What the kernel's build knows (Documentation/arch/x86/boot.rst, payload_offset; scripts/extract-vmlinux). */
const compressions: readonly Compression[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: (bytes) => gunzipSync(bytes) },
  tool('xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], '-dc'),
  tool('zstd', [0x28, 0xb5, 0x2f, 0xfd], '-dcq'),
  tool('bzip2', [0x42, 0x5a, 0x68], '-dc'),
  tool('lz4', [0x02, 0x21, 0x4c, 0x18], '-dc'),
  tool('lzop', [0x89, 0x4c, 0x5a, 0x4f], '-dc'),
];

/** Whether the bytes begin as data of a known compression do. */
export function isCompressed(bytes: Buffer): boolean {
  return compressions.some((each) => begins(bytes, each.magic));
}

/**
 * Unpacks what a kernel's build has packed.
 * @throws UserError `LAB_COMPRESSION` if the compression is not known, `LAB_TOOL_MISSING`, `LAB_TOOL_FAILED`
 */
export async function decompress(bytes: Buffer): Promise<Buffer> {
  const compression = compressions.find((each) => begins(bytes, each.magic));
  if (compression === undefined) {
    throw new UserError('LAB_COMPRESSION', 'Compressed in a way that is not known', {
      expected: compressions.map((each) => each.name).join(', '),
    });
  }
  try {
    return await compression.unpack(bytes);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('LAB_COMPRESSION', `Not whole as ${compression.name}: ${(error as Error).message}`);
  }
}

function tool(program: string, magic: readonly number[], flags: string): Compression {
  return {
    name: program,
    magic,
    // Behind the compressed data the kernel's build writes the size; most programs complain of it.
    unpack: (bytes) => runTool(program, [flags], { input: bytes, acceptFailure: true }),
  };
}

function begins(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
