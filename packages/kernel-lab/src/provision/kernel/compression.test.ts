import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress, decompressPayload, isCompressed } from './compression.ts';

const kernel = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(100_000, 'kernel ')]);
const size = Buffer.from(new Uint32Array([kernel.length]).buffer);

/** As scripts/Makefile.lib calls them. */
const packers: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ['xz', 'xz', ['--check=crc32', '--x86', '--lzma2=dict=1MiB']],
  ['lzma', 'xz', ['--format=lzma', '-9']],
  ['zstd', 'zstd', ['-q', '-22', '--ultra']],
  ['bzip2', 'bzip2', ['-9']],
  ['lz4', 'lz4', ['-l', '-9', '-', '-']],
  ['lzo', 'lzop', ['-9']],
];

describe.each(packers)('%s', (_, program, args) => {
  const packed = spawnSync(program, args, { input: kernel }).stdout ?? Buffer.alloc(0);

  it.skipIf(packed.length === 0)('unpacks (skipped where the program is missing)', async () => {
    expect(isCompressed(packed)).toBe(true);
    expect((await decompress(packed)).equals(kernel)).toBe(true);
    expect((await decompressPayload(Buffer.concat([packed, size]))).equals(kernel)).toBe(true);
  });

  it.skipIf(packed.length === 0)(
    'is refused if it is cut off (skipped where the program is missing)',
    async () => {
      const half = packed.subarray(0, packed.length / 2);
      await expect(decompressPayload(Buffer.concat([half, size]))).rejects.toMatchObject({
        code: 'LAB_COMPRESSION',
      });
    },
  );
});

it('unpacks gzip, which ends with its size anyway', async () => {
  expect((await decompressPayload(gzipSync(kernel))).equals(kernel)).toBe(true);
  const damaged = gzipSync(kernel);
  damaged.fill(0, 20, 40);
  await expect(decompressPayload(damaged)).rejects.toMatchObject({ code: 'LAB_COMPRESSION' });
});

it('refuses what it does not know', async () => {
  expect(isCompressed(kernel)).toBe(false);
  await expect(decompress(kernel)).rejects.toMatchObject({ code: 'LAB_COMPRESSION' });
});
