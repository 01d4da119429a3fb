import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache } from '../cache/cache.ts';
import type { KernelConfig } from '../kernel/kernel-config.ts';
import type { LabKernel } from '../kernel/lab-kernel.ts';
import { neededDrivers } from '../kernel/needed-options.ts';
import { buildProbe, hasCompiler } from '../probe/build-probe.ts';
import { applets } from './applets.ts';
import { type CpioEntry, writeCpio } from './cpio.ts';
import { type GuestProgramName, guestProgram, guestPrograms } from './guest-programs.ts';
import { moduleClosure } from './kernel-modules.ts';

/** A file of the guest. */
export type GuestFile =
  | { readonly path: string; readonly source: string; readonly mode?: number }
  | { readonly path: string; readonly content: string | Uint8Array; readonly mode?: number };

/** A program of the guest: of a package, or the lab's own probe of memory and dump (`/bin/probe`). */
export type InitramfsProgram = GuestProgramName | 'probe';

/** What an initramfs is made of. */
export interface InitramfsPlan {
  /** What its configuration has built in is not missed where it has no list of that. */
  readonly kernel: Pick<LabKernel, 'modules'> & Partial<Pick<LabKernel, 'config'>>;
  /** Modules by name, in the order in which they are loaded; what they need comes along. */
  readonly modules: readonly string[];
  /** Further files by absolute path in the guest; mode 0644 unless said. */
  readonly files: readonly GuestFile[];
  /** The text of /init. */
  readonly init: string;
  /** All of them unless said; busybox is always there. The probe is left out where it can't be built. */
  readonly programs?: readonly InitramfsProgram[];
}

/** An initramfs that was built. */
export interface Initramfs {
  /** Path of the archive, not compressed: under emulation, unpacking takes longer than loading. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** File names in `/mods`, in the order in which they are loaded; `/mods/order` lists them. */
  readonly modules: readonly string[];
  /** Modules that the kernel has neither as modules nor built in; `probe` where there is no compiler. */
  readonly absent: readonly string[];
}

/**
 * Builds an initramfs: busybox with links for its applets in /bin, programs with their libraries, modules in /mods (unpacked,
 * `/mods/order` has one file name a line), /dev/console and /dev/null. The same plan gives the same bytes; cached by them.
 * @throws UserError of the tools, of packages, and `LAB_CPIO` for a path that can't be
 */
export async function buildInitramfs(plan: InitramfsPlan, cache: Cache): Promise<Initramfs> {
  const entries = new Map<string, CpioEntry>();
  entries.set('init', file(plan.init, 0o755));
  for (const directory of ['dev', 'proc', 'sys', 'tmp']) entries.set(directory, { kind: 'directory' });
  entries.set('dev/console', { kind: 'character', mode: 0o600, major: 5, minor: 1 });
  entries.set('dev/null', { kind: 'character', mode: 0o666, major: 1, minor: 3 });
  for (const applet of applets) entries.set(`bin/${applet}`, { kind: 'link', target: 'busybox' });
  const lacking: string[] = [];
  for (const name of new Set<InitramfsProgram>(['busybox', ...(plan.programs ?? allPrograms)])) {
    if (name !== 'probe') await addTree(entries, await guestProgram(name, cache));
    else if (!(await hasCompiler())) lacking.push(name);
    else entries.set('bin/probe', file(await readFile(await buildProbe(cache)), 0o755));
  }
  const { modules, absent } = await moduleClosure(plan.kernel.modules, plan.modules);
  for (const { name, content } of modules) entries.set(`mods/${name}.ko`, file(content, 0o644));
  entries.set('mods/order', file(modules.map(({ name }) => `${name}.ko\n`).join(''), 0o644));
  for (const each of plan.files) {
    const content = 'source' in each ? await readFile(each.source) : each.content;
    entries.set(each.path.replace(/^\/+/, ''), file(content, each.mode ?? 0o644));
  }
  const archive = writeCpio(entries);
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 32);
  const directory = await cache.entry(`initramfs/${hash}`, (building) =>
    writeFile(join(building, 'initramfs.cpio'), archive),
  );
  // Each change of a script makes an archive of tens of megabytes.
  await cache.prune('initramfs');
  return {
    path: join(directory, 'initramfs.cpio'),
    size: archive.length,
    modules: modules.map(({ name }) => `${name}.ko`),
    absent: [...lacking, ...absent.filter((name) => !isBuiltIn(name, plan.kernel.config))],
  };
}

const allPrograms = [...Object.keys(guestPrograms), 'probe'] as InitramfsProgram[];

function isBuiltIn(module: string, config: KernelConfig | undefined): boolean {
  const driver = neededDrivers.find((each) => each.module === module);
  return driver !== undefined && config?.isBuiltIn(driver.option) === true;
}

function file(content: string | Uint8Array, mode: number): CpioEntry {
  return {
    kind: 'file',
    content: typeof content === 'string' ? Buffer.from(content, 'utf8') : content,
    mode,
  };
}

/** Everything below a directory, at the same paths. */
async function addTree(entries: Map<string, CpioEntry>, root: string): Promise<void> {
  for (const found of await readdir(root, { recursive: true, withFileTypes: true })) {
    const source = join(found.parentPath, found.name);
    const path = source.slice(root.length + 1);
    if (found.isDirectory()) entries.set(path, { kind: 'directory' });
    else if (found.isSymbolicLink()) entries.set(path, { kind: 'link', target: await readlink(source) });
    else entries.set(path, file(await readFile(source), (await stat(source)).mode & 0o777));
  }
}
