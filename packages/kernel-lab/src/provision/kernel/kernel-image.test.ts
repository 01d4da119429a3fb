import { expect, it } from 'vitest';
import { writeElf } from '../elf/testing/write-elf.ts';
import { readKernelImage } from './kernel-image.ts';
import { makeBzImage, makeVmlinux } from './testing/make-kernel.ts';

const vmlinux = makeVmlinux([['_text', 0x100_0000]], {
  offsets: 'last',
  sequences: false,
  encoding: 'positive-from-base',
});

it('unpacks the ELF file of a bzImage and reads its release', async () => {
  const bzImage = makeBzImage(vmlinux, '6.6.6-own+');
  const image = await readKernelImage(bzImage, 'bzImage');
  expect(image.vmlinux.equals(vmlinux)).toBe(true);
  expect(image).toMatchObject({ release: '6.6.6-own+', pvh: false });
  expect(image.bzImage).toBe(bzImage);
});

it('takes an ELF file as it is; its release stands in its banner', async () => {
  const image = await readKernelImage(vmlinux, 'vmlinux');
  expect(image).toMatchObject({ bzImage: undefined, release: '6.1.0-test' });
});

it('sees whether QEMU can start the ELF file', async () => {
  const note = (type: number): Buffer => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(4, 0);
    header.writeUInt32LE(8, 4);
    header.writeUInt32LE(type, 8);
    header.write('Xen\0', 12, 'latin1');
    return header;
  };
  const banner = { type: 1, content: Buffer.from('Linux version 6.1.0 (a@b)\0') };
  const withNotes = (...types: number[]): Buffer =>
    writeElf([banner, { type: 4, content: Buffer.concat(types.map(note)) }]);
  expect((await readKernelImage(withNotes(6, 18), 'vmlinux')).pvh).toBe(true);
  expect((await readKernelImage(withNotes(6, 17), 'vmlinux')).pvh).toBe(false);
});

it('refuses what is no kernel, or not a whole one', async () => {
  const refusal = (bytes: Buffer): Promise<unknown> => readKernelImage(bytes, 'file').catch((error) => error);
  expect(await refusal(Buffer.from('#!/bin/sh\n'))).toMatchObject({ code: 'LAB_KERNEL_IMAGE' });
  const bzImage = makeBzImage(vmlinux, '6.6.6');
  expect(await refusal(bzImage.subarray(0, bzImage.length - 200))).toMatchObject({
    code: 'LAB_KERNEL_IMAGE',
    message: expect.stringContaining('cut off'),
  });
  const damaged = Buffer.from(bzImage);
  damaged.fill(0x55, 3 * 512 + 0x40 + 30, damaged.length - 150);
  expect(await refusal(damaged)).toMatchObject({ code: 'LAB_COMPRESSION' });
  expect(await refusal(writeElf([{ type: 1, content: Buffer.alloc(64) }]))).toMatchObject({
    code: 'LAB_KERNEL_IMAGE',
    message: expect.stringContaining('which version'),
  });
  expect(await refusal(vmlinux.subarray(0, 100))).toMatchObject({ code: 'LAB_ELF' });
});
