import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache } from '../cache/cache.ts';
import { unpackedPackage } from '../debian/debian-package.ts';
import { findKernelPackage, upstream } from '../debian/kernel-packages.ts';
import { KernelConfig } from './kernel-config.ts';
import { type LabKernel, unpackedImage } from './lab-kernel.ts';

/**
 * A kernel as Debian ships it, fetched on first use.
 * @param name - `debian-6.1` or `debian-6.12` (the newest of these), `debian-6.1.187` (a point release)
 * @throws UserError `LAB_KERNEL_NAME`, `LAB_KERNEL` saying which there are, `LAB_PACKAGE`, `LAB_TOOL_MISSING`
 */
export async function labKernel(name: string, cache: Cache): Promise<LabKernel> {
  const debianPackage = await findKernelPackage(name, cache);
  const root = await unpackedPackage(cache, debianPackage);
  const release = debianPackage.name.slice('linux-image-'.length);
  const bzImage = join(root, 'boot', `vmlinuz-${release}`);
  const image = await unpackedImage(cache, bzImage);
  return {
    name: `debian-${debianPackage.version}`,
    release: image.release,
    version: upstream(debianPackage.version),
    bzImage,
    vmlinux: image.vmlinux,
    bootImage: image.pvh ? image.vmlinux : bzImage,
    modules: join(root, 'lib', 'modules', release),
    config: new KernelConfig(await readFile(join(root, 'boot', `config-${release}`), 'utf8')),
    symbols: image.symbols,
  };
}
