import { pipeline, Readable, type Transform } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import * as zlib from 'node:zlib';
import { UserError } from '@quiesce/simulation';
import xz from 'xz-decompress';
import { bunzip2Chunks } from './bunzip2-chunks.ts';
import { assertNoBomb, type OpenLimits } from './open-limits.ts';
import { unzstdChunks } from './unzstd-chunks.ts';

/** How a file is packed, as its first bytes say it. */
export type Packing = 'gzip' | 'xz' | 'zstd' | 'bzip2';

const magics: readonly (readonly [Packing, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** Undefined for what is not packed. */
export function packingOf(head: Uint8Array): Packing | undefined {
  return magics.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0];
}

/**
 * Unpacks as it reads; no more than some blocks are in memory, but for bzip2.
 * @throws UserError `ARCHIVE_DAMAGED` where the packed bytes are not what they should be, `ARCHIVE_BOMB`
 */
export async function* unpackedChunks(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  file: string,
  limits: OpenLimits,
): AsyncGenerator<Uint8Array> {
  let packedBytes = 0;
  let unpackedBytes = 0;
  const counted = (async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed) {
      packedBytes += chunk.length;
      yield chunk;
    }
  })();
  try {
    for await (const chunk of unpack(counted, packing, file, limits)) {
      unpackedBytes += chunk.length;
      assertNoBomb(unpackedBytes, packedBytes, limits, file);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('ARCHIVE_DAMAGED', `is damaged as ${packing}: ${(error as Error).message}`, {
      place: { file, offset: packedBytes },
    });
  }
}

function unpack(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  file: string,
  limits: OpenLimits,
): AsyncIterable<Uint8Array> {
  if (packing === 'gzip') return through(zlib.createGunzip(), packed);
  if (packing === 'bzip2') return bunzip2Chunks(packed, file, limits);
  return packing === 'xz' ? unxz(packed) : unzstd(packed);
}

/** By Node's own decoder where there is one, from 22.15 on. */
function unzstd(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  return createZstdDecompress === undefined ? unzstdChunks(packed) : through(createZstdDecompress(), packed);
}

function through(decoder: Transform, packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // Errors of either end reach whoever reads; the callback is there because pipeline asks for one.
  return pipeline(Readable.from(packed), decoder, () => {});
}

async function* unxz(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = packed[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  yield* new xz.XzReadableStream(source as never) as unknown as AsyncIterable<Uint8Array>;
}
