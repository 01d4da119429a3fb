import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { ElfFile } from '../elf/elf-file.ts';
import { readKallsyms } from './kallsyms.ts';
import type { KernelConfig } from './kernel-config.ts';
import { readKernelImage } from './kernel-image.ts';
import { KernelSymbols } from './kernel-symbols.ts';
import { readSymbolTable } from './symbol-table.ts';

/** A kernel that the lab can boot. */
export interface LabKernel {
  /** `debian-6.1.192-2`, or the release of a kernel of somebody's own. */
  readonly name: string;
  /** As `uname -r` says: `6.1.0-56-amd64`. */
  readonly release: string;
  /** Version of the kernel itself: `6.1.192`. */
  readonly version: string;
  /** Path of the bzImage, which kexec_file_load wants; undefined if only an ELF file was given. */
  readonly bzImage: string | undefined;
  /** Path of the ELF file. */
  readonly vmlinux: string;
  /** Path for QEMU's `-kernel`: the ELF file, which boots in half the time, if it can be started so. */
  readonly bootImage: string;
  /** `lib/modules/RELEASE`; undefined if the kernel has no modules. */
  readonly modules: string | undefined;
  /** Undefined if nobody knows it. */
  readonly config: KernelConfig | undefined;
  readonly symbols: KernelSymbols;
}

/** What is known of an image once it was taken apart. */
export interface UnpackedImage {
  readonly release: string;
  readonly pvh: boolean;
  readonly isElf: boolean;
  readonly vmlinux: string;
  readonly symbols: KernelSymbols;
}

/** Changes when what is written into an entry changes. */
const FORMAT = 2;

/**
 * Takes a kernel image apart: the ELF file within, its release, its symbols. Cached by content.
 * @param systemMap - symbols of a kernel that does not carry its own
 * @throws UserError `LAB_KERNEL_IMAGE`, `LAB_KERNEL_SYMBOLS` if there are none, and those of the tools
 */
export async function unpackedImage(cache: Cache, file: string, systemMap?: string): Promise<UnpackedImage> {
  const bytes = await readInput(file);
  const map = systemMap === undefined ? '' : (await readInput(systemMap)).toString('utf8');
  const hash = createHash('sha256').update(bytes).update(map).digest('hex').slice(0, 32);
  const directory = await cache.entry(`kernel/${hash}.${FORMAT}`, async (building) => {
    const image = await readKernelImage(bytes, file);
    const symbols = symbolsOf(image.vmlinux, map, file);
    // With debugging information an ELF file is hundreds of megabytes: it is used where it stands.
    if (image.bzImage !== undefined) await writeFile(join(building, 'vmlinux'), image.vmlinux);
    await writeFile(join(building, 'symbols'), symbols.toText());
    const { release, pvh } = image;
    await writeFile(
      join(building, 'kernel.json'),
      JSON.stringify({ release, pvh, isElf: image.bzImage === undefined }),
    );
  });
  // A kernel that somebody works on is another one each time.
  await cache.prune('kernel');
  const known = JSON.parse(await readFile(join(directory, 'kernel.json'), 'utf8')) as {
    release: string;
    pvh: boolean;
    isElf: boolean;
  };
  const symbols = KernelSymbols.fromText(await readFile(join(directory, 'symbols'), 'utf8'));
  return { ...known, vmlinux: known.isElf ? file : join(directory, 'vmlinux'), symbols };
}

function symbolsOf(vmlinux: Buffer, systemMap: string, file: string): KernelSymbols {
  const given = KernelSymbols.fromText(systemMap);
  const symbols = given.size > 0 ? given : (readSymbolTable(new ElfFile(vmlinux)) ?? readKallsyms(vmlinux));
  if (symbols !== undefined) return symbols;
  throw new UserError('LAB_KERNEL_SYMBOLS', 'The kernel does not tell where its functions stand', {
    expected: 'a kernel with CONFIG_KALLSYMS and CONFIG_KALLSYMS_ALL, or its System.map',
    place: { file },
  });
}

/** @throws UserError `LAB_FILE` if it can't be read */
export async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError('LAB_FILE', `Can't be read: ${(error as Error).message}`, { place: { file } });
  }
}
