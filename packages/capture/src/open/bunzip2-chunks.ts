import { UserError } from '@quiesce/simulation';
import bunzip from 'seek-bzip';
import type { OpenLimits } from './open-limits.ts';

/** Unpacks bzip2, which needs the packed bytes whole, and the unpacked ones up to the limit of one file. */
export async function* bunzip2Chunks(
  packed: AsyncIterable<Uint8Array>,
  limits: OpenLimits,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let packedBytes = 0;
  for await (const chunk of packed) {
    chunks.push(chunk);
    packedBytes += chunk.length;
    if (packedBytes > limits.fileBytes) throw tooLarge(limits);
  }
  const unpacked: Uint8Array[] = [];
  let block = new Uint8Array(65_536);
  let used = 0;
  const output = {
    writeByte(byte: number): void {
      if (used === block.length) {
        unpacked.push(block);
        if (unpacked.length * block.length > limits.fileBytes) throw tooLarge(limits);
        block = new Uint8Array(block.length);
        used = 0;
      }
      block[used++] = byte;
    },
  };
  bunzip.decode(Buffer.concat(chunks), output, true);
  yield* unpacked;
  yield block.subarray(0, used);
}

function tooLarge(limits: OpenLimits): UserError {
  return new UserError('INPUT_TOO_LARGE', `as bzip2 it is larger than ${limits.fileBytes / 2 ** 20} MiB`, {
    expected: 'gzip, xz or zstd, which are unpacked as a stream',
  });
}
