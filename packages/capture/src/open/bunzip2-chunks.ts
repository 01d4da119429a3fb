import bunzip from 'seek-bzip';
import { assertFileSize, assertNoBomb, type OpenLimits } from './open-limits.ts';

/** Unpacks bzip2, which needs the packed bytes whole, and the unpacked ones up to the limit of one file. */
export async function* bunzip2Chunks(
  packed: AsyncIterable<Uint8Array>,
  file: string,
  limits: OpenLimits,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let packedBytes = 0;
  for await (const chunk of packed) {
    chunks.push(chunk);
    packedBytes += chunk.length;
    assertFileSize(packedBytes, limits, file);
  }
  const unpacked: Uint8Array[] = [];
  let block = new Uint8Array(65_536);
  let used = 0;
  const output = {
    writeByte(byte: number): void {
      if (used === block.length) {
        unpacked.push(block);
        assertNoBomb(unpacked.length * block.length, packedBytes, limits, file);
        assertFileSize(unpacked.length * block.length, limits, file);
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
