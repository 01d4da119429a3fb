import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { configInImage, KernelConfig } from './kernel-config.ts';
import { type LabKernel, readInput, unpackedImage } from './lab-kernel.ts';
import { checkOptions } from './needed-options.ts';

/** A kernel that somebody built. */
export interface KernelFiles {
  /** bzImage or vmlinux. */
  readonly image: string;
  /** `lib/modules/RELEASE`, or the directory that was given as INSTALL_MOD_PATH. */
  readonly modules?: string;
  /** `.config`; looked for beside the image and in it unless given. */
  readonly config?: string;
  /** Symbols, where the kernel does not carry its own. */
  readonly systemMap?: string;
}

/**
 * Takes a kernel of the user's own.
 * @throws UserError `LAB_KERNEL_IMAGE`, `LAB_KERNEL_OPTIONS` with every option that is missing, `LAB_KERNEL_MODULES`,
 * `LAB_KERNEL_SYMBOLS`, `LAB_FILE`
 */
export async function kernelFromFiles(files: KernelFiles, cache: Cache): Promise<LabKernel> {
  const file = resolve(files.image);
  const image = await unpackedImage(cache, file, files.systemMap);
  const config = await configOf(files.config, file, image.release, image.vmlinux);
  if (config !== undefined) checkOptions(config, file);
  const bzImage = image.isElf ? undefined : file;
  return {
    name: image.release,
    release: image.release,
    version: /^[\d.]*\d/.exec(image.release)?.[0] ?? image.release,
    bzImage,
    vmlinux: image.vmlinux,
    bootImage: image.pvh || bzImage === undefined ? image.vmlinux : bzImage,
    modules: files.modules === undefined ? undefined : modulesOf(resolve(files.modules), image.release),
    config,
    symbols: image.symbols,
  };
}

/** The configuration that was given, the one in the image, or the one beside it. */
async function configOf(
  given: string | undefined,
  image: string,
  release: string,
  vmlinux: string,
): Promise<KernelConfig | undefined> {
  if (given !== undefined) {
    const config = new KernelConfig((await readInput(given)).toString('utf8'));
    if (config.size > 0) return config;
    throw new UserError('LAB_KERNEL_OPTIONS', "Not a kernel's configuration", {
      expected: 'lines such as CONFIG_PCI=y',
      place: { file: given },
    });
  }
  const within = configInImage(await readInput(vmlinux));
  if (within !== undefined) return within;
  const directory = dirname(image);
  const beside = [
    join(directory, `config-${release}`),
    join(directory, '.config'),
    // arch/x86/boot/bzImage of a build's tree.
    join(directory, '..', '..', '..', '.config'),
  ].find((each) => existsSync(each));
  return beside === undefined ? undefined : new KernelConfig((await readInput(beside)).toString('utf8'));
}

function modulesOf(directory: string, release: string): string {
  const places = [directory, join(directory, 'lib', 'modules', release), join(directory, release)];
  // modules.order stands at the root of every modules_install.
  const found = places.find(
    (each) => existsSync(join(each, 'modules.order')) || existsSync(join(each, 'kernel')),
  );
  if (found !== undefined) return found;
  throw new UserError('LAB_KERNEL_MODULES', `No modules of ${release}`, {
    expected: `lib/modules/${release}, or the directory that was given as INSTALL_MOD_PATH`,
    place: { file: directory },
  });
}
