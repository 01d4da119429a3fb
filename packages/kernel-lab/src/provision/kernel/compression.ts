import { gunzipSync } from 'node:zlib';
import { UserError } from '@quiesce/simulation';
import { runTool } from '../tools/run-tool.ts';

interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  unpack(bytes: Buffer): Buffer | Promise<Buffer>;
}

/** What the kernel's build packs itself and its modules with (arch/x86/boot/compressed, scripts/Makefile.modinst). */
const compressions: readonly Compression[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: (bytes) => gunzipSync(bytes) },
  tool('xz', 'xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  tool('lzma', 'xz', [0x5d, 0x00, 0x00]),
  tool('zstd', 'zstd', [0x28, 0xb5, 0x2f, 0xfd]),
  tool('bzip2', 'bzip2', [0x42, 0x5a, 0x68]),
  tool('lz4', 'lz4', [0x02, 0x21, 0x4c, 0x18]),
  tool('lzo', 'lzop', [0x89, 0x4c, 0x5a, 0x4f]),
];

/** Whether the bytes begin as data of a known compression do. */
export function isCompressed(bytes: Buffer): boolean {
  return compressionOf(bytes) !== undefined;
}

/**
 * Unpacks a module.
 * @throws UserError `LAB_COMPRESSION` if the compression is not known or the data is not whole, `LAB_TOOL_MISSING`
 */
export async function decompress(bytes: Buffer): Promise<Buffer> {
  return unpack(bytes, known(bytes));
}

/**
 * Unpacks the payload of a bzImage: compressed data, and behind it the size of what is within (gzip has that as part of its
 * format).
 * @throws UserError `LAB_COMPRESSION` if the compression is not known or the data is not whole, `LAB_TOOL_MISSING`
 */
export async function decompressPayload(payload: Buffer): Promise<Buffer> {
  const compression = known(payload);
  const end = payload.length - (compression.name === 'gzip' ? 0 : 4);
  const unpacked = await unpack(payload.subarray(0, end), compression);
  const size = payload.readUInt32LE(payload.length - 4);
  if (unpacked.length === size) return unpacked;
  throw new UserError('LAB_COMPRESSION', `Not whole as ${compression.name}: ${unpacked.length} bytes`, {
    expected: `${size} bytes`,
  });
}

async function unpack(bytes: Buffer, { name, unpack }: Compression): Promise<Buffer> {
  try {
    return await unpack(bytes);
  } catch (error) {
    if (error instanceof UserError && error.code === 'LAB_TOOL_MISSING') throw error;
    throw new UserError('LAB_COMPRESSION', `Not whole as ${name}: ${(error as Error).message}`);
  }
}

function tool(name: string, program: string, magic: readonly number[]): Compression {
  return { name, magic, unpack: (bytes) => runTool(program, ['-dc'], { input: bytes }) };
}

function known(bytes: Buffer): Compression {
  const compression = compressionOf(bytes);
  if (compression !== undefined) return compression;
  throw new UserError('LAB_COMPRESSION', 'Compressed in a way that is not known', {
    expected: compressions.map(({ name }) => name).join(', '),
  });
}

function compressionOf(bytes: Buffer): Compression | undefined {
  return compressions.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
}
