import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unzstdChunks } from './unzstd-chunks.ts';

/** What `zstd` made of "Crash kernel\n" a thousand times, with a checksum. */
const thousandLines = Buffer.from('KLUv/QRYrQAAaENyYXNoIGtlcm5lbAoBALgS+PkFc1sVPw==', 'base64');

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, size = 65_536): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unzstdChunks(inChunks(bytes, size))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A frame of one block of `length` times the same byte (RFC 8878, 3.1.1.2.2), without a checksum. */
function repeated(byte: number, length: number): number[] {
  const header = 1 | (1 << 1) | (length << 3);
  // Window of 128 KiB.
  return [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, header & 0xff, (header >> 8) & 0xff, header >> 16, byte];
}

describe('zstd without the decoder of Node', () => {
  it.each([1, 7, 65_536])('is unpacked, given %i bytes at once', async (size) => {
    const plain = Buffer.from('Crash kernel\n'.repeat(1000));
    expect((await unpacked(thousandLines, size)).equals(plain)).toBe(true);
    expect((await unpacked(Buffer.concat([thousandLines, thousandLines]), size)).length).toBe(
      2 * plain.length,
    );
  });

  it('hands out everything of many small frames, and of large ones', async () => {
    const small = Uint8Array.from(Array.from({ length: 3000 }, () => repeated(0x41, 3)).flat());
    expect((await unpacked(small)).toString()).toBe('A'.repeat(9000));
    const large = Uint8Array.from(Array.from({ length: 200 }, () => repeated(0x42, 131_071)).flat());
    expect(await unpacked(large)).toHaveLength(200 * 131_071);
    const empty = Uint8Array.from(Array.from({ length: 5000 }, () => repeated(0x43, 0)).flat());
    expect(await unpacked(empty)).toHaveLength(0);
  });

  it('that ends early, or has other bytes, is an error after what stands before', async () => {
    await expect(unpacked(thousandLines.subarray(0, 20))).rejects.toThrow();
    const other = Uint8Array.from(thousandLines);
    other[12] = 0xff;
    await expect(unpacked(other)).rejects.toThrow();
    await expect(unpacked(Buffer.concat([thousandLines, Buffer.from('and some text')]))).rejects.toThrow(
      'corrupted',
    );
    const got: number[] = [];
    const both = Buffer.concat([Uint8Array.from(repeated(0x41, 5)), other]);
    const read = async () => {
      for await (const chunk of unzstdChunks(inChunks(both, 1000))) got.push(...chunk);
    };
    await expect(read()).rejects.toThrow();
    expect(Buffer.from(got).toString()).toMatch(/^AAAAA/);
  });

  it('ends, whatever its bytes are', { timeout: 60_000 }, async () => {
    const change = fc.tuple(fc.nat({ max: thousandLines.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Uint8Array.from(thousandLines);
        for (const [at, value] of changes) bytes[at] = value;
        await unpacked(bytes).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
      }),
      { numRuns: 80 },
    );
  });

  it('of the program itself is unpacked', async (context) => {
    if (spawnSync('zstd', ['--version']).status !== 0) context.skip('there is no zstd');
    const plain = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at) % 251));
    for (const options of [['-1'], ['-19', '--no-check'], ['--ultra', '-20', '--long=24']]) {
      const { stdout } = spawnSync('zstd', ['-q', '-c', ...options], { input: plain });
      expect((await unpacked(stdout, 5000)).equals(plain)).toBe(true);
    }
  });
});
