import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cache } from '../cache/cache.ts';
import { neededOptions } from './needed-options.ts';
import { kernelFromFiles } from './own-kernel.ts';
import { makeBzImage, makeVmlinux } from './testing/make-kernel.ts';

const style = { offsets: 'last', sequences: false, encoding: 'relative-to-place' } as const;
const symbols = Array.from({ length: 600 }, (_, index): [string, number] => [
  index === 0 ? '_text' : index === 7 ? 'setup_arch' : `name_${index}`,
  0x100_0000 + 32 * index,
]);
const good = neededOptions.map(({ anyOf }) => `CONFIG_${anyOf[0]}=y\n`).join('');

let directory: string;
let cache: Cache;
let image: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quiesce-kernel-'));
  cache = new Cache(join(directory, 'cache'));
  image = join(directory, 'bzImage');
  writeFileSync(image, makeBzImage(makeVmlinux(symbols, style), '6.19.0-own'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('has its release, its version and its symbols from its image, its options from beside it', async () => {
  writeFileSync(join(directory, '.config'), good);
  const kernel = await kernelFromFiles({ image }, cache);
  expect(kernel).toMatchObject({
    release: '6.19.0-own',
    version: '6.19.0',
    bzImage: image,
    bootImage: image,
  });
  expect(kernel.symbols.virtual('setup_arch')).toBe('ffffffff810000e0');
  expect(kernel.config?.isBuiltIn('KALLSYMS_ALL')).toBe(true);
  expect((await kernelFromFiles({ image }, cache)).vmlinux).toBe(kernel.vmlinux);
});

it('lists every option that is off, and what each is for', async () => {
  const config = join(directory, 'config');
  writeFileSync(
    config,
    good
      .replace('CONFIG_IRQ_REMAP=y', '# CONFIG_IRQ_REMAP is not set')
      .replace('CRASH_DUMP=y', 'CRASH_DUMP=m'),
  );
  const refusal = await kernelFromFiles({ image, config }, cache).catch((error) => error);
  expect(refusal.code).toBe('LAB_KERNEL_OPTIONS');
  expect(refusal.message).toContain('CONFIG_IRQ_REMAP (remaps interrupts)');
  expect(refusal.message).toContain('CONFIG_CRASH_DUMP (');
  expect(refusal.message).not.toContain('CONFIG_PCI (');
});

it('prefers the options that it carries itself', async () => {
  const within = gzipSync(good.replace('CONFIG_INTEL_IOMMU=y\n', ''));
  const text = Buffer.concat([
    Buffer.from('Linux version 6.1.0 \0IKCFG_ST'),
    within,
    Buffer.from('IKCFG_ED'),
  ]);
  writeFileSync(image, makeBzImage(makeVmlinux(symbols, style, text), '6.1.0'));
  writeFileSync(join(directory, '.config'), good);
  await expect(kernelFromFiles({ image }, cache)).rejects.toMatchObject({
    code: 'LAB_KERNEL_OPTIONS',
    message: expect.stringContaining('CONFIG_INTEL_IOMMU ('),
  });
});

it('finds modules under the directory that they were installed to', async () => {
  const modules = join(directory, 'root', 'lib', 'modules', '6.19.0-own');
  mkdirSync(join(modules, 'kernel'), { recursive: true });
  for (const given of [modules, join(directory, 'root')]) {
    expect((await kernelFromFiles({ image, modules: given }, cache)).modules).toBe(modules);
  }
  await expect(kernelFromFiles({ image, modules: directory }, cache)).rejects.toMatchObject({
    code: 'LAB_KERNEL_MODULES',
    message: expect.stringContaining('lib/modules/6.19.0-own'),
  });
});

it('takes System.map where the kernel has no symbols', async () => {
  const bare = makeVmlinux(symbols, style);
  bare.fill(0, bare.indexOf('0\x001\x002\x00', 0, 'latin1'));
  writeFileSync(image, makeBzImage(bare, '6.19.0-bare'));
  await expect(kernelFromFiles({ image }, cache)).rejects.toMatchObject({ code: 'LAB_KERNEL_SYMBOLS' });
  const systemMap = join(directory, 'System.map');
  writeFileSync(
    systemMap,
    'ffffffff81000000 T _text\nffffffff81234567 T setup_arch\n0000000000000000 A irq_stack\n',
  );
  const kernel = await kernelFromFiles({ image, systemMap }, cache);
  expect(kernel.symbols.offset('setup_arch')).toBe(0x1234567);
  expect(kernel.symbols.size).toBe(2);
});

it('says so where there is no such file', async () => {
  await expect(kernelFromFiles({ image: join(directory, 'none') }, cache)).rejects.toMatchObject({
    code: 'LAB_FILE',
  });
});
