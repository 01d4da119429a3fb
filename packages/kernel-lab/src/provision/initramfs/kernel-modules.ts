import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ElfFile } from '../elf/elf-file.ts';
import { decompress, isCompressed } from '../kernel/compression.ts';

/** A module as the guest loads it. */
export interface KernelModule {
  /** `snd-hda-intel`: as modprobe calls it, with hyphens. */
  readonly name: string;
  /** The ELF file, unpacked. */
  readonly content: Buffer;
}

/** What some modules need. */
export interface ModuleClosure {
  /** Each after all that it needs. */
  readonly modules: readonly KernelModule[];
  /** Asked for, and neither a module nor built in. */
  readonly absent: readonly string[];
}

/** `.ko`, or packed. */
const MODULE_FILE = /\.ko(\.(xz|zst|gz))?$/;

/**
 * Reads modules with all that they depend on. What a module needs stands in it (`depends=` of its .modinfo section, and
 * `softdep=pre:`), so that no modules.dep has to be made.
 * @param directory - `lib/modules/RELEASE`; undefined for a kernel without modules
 * @param names - in the order in which they are to be loaded; what is built in is left out
 * @throws UserError `LAB_COMPRESSION`, `LAB_TOOL_MISSING`, `LAB_ELF` for a damaged module
 */
export async function moduleClosure(
  directory: string | undefined,
  names: readonly string[],
): Promise<ModuleClosure> {
  const files = directory === undefined ? new Map<string, string>() : await moduleFiles(directory);
  const builtIn = directory === undefined ? new Set<string>() : await builtInModules(directory);
  const modules = new Map<string, KernelModule>();
  const entered = new Set<string>();
  const absent: string[] = [];
  const enter = async (given: string, isNeeded: boolean): Promise<void> => {
    const name = moduleName(given);
    if (entered.has(name) || builtIn.has(name)) return;
    entered.add(name);
    const file = files.get(name);
    if (file === undefined) {
      if (isNeeded) absent.push(name);
      return;
    }
    const packed = await readFile(file);
    const content = isCompressed(packed) ? await decompress(packed) : packed;
    const needs = moduleNeeds(content, file);
    for (const each of needs.before) await enter(each, false);
    for (const each of needs.depends) await enter(each, true);
    modules.set(name, { name, content });
  };
  for (const name of names) await enter(name, true);
  return { modules: [...modules.values()], absent };
}

/** A module's name with hyphens; the kernel takes hyphens and underscores for the same. */
export function moduleName(name: string): string {
  return name.replaceAll('_', '-');
}

/** What a module says that it needs: modules whose symbols it uses, and modules that should be there before it. */
export function moduleNeeds(content: Buffer, file?: string): { depends: string[]; before: string[] } {
  const info = new ElfFile(content, file).section('.modinfo')?.toString('latin1').split('\0') ?? [];
  const valuesOf = (key: string): string[] =>
    info.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const depends = valuesOf('depends').flatMap((list) => list.split(',').filter(Boolean));
  const before = valuesOf('softdep').flatMap((line) => {
    const list = /pre:([^:]*?)(?:\s\w+:|$)/.exec(line)?.[1] ?? '';
    return list.split(/\s+/).filter(Boolean);
  });
  return { depends, before };
}

async function moduleFiles(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  // Other top folders hold links to the build's tree and to sources.
  const root = join(directory, 'kernel');
  const tops = [root, join(directory, 'extra'), join(directory, 'updates')].filter((each) =>
    existsSync(each),
  );
  for (const top of tops) {
    for (const path of await readdir(top, { recursive: true })) {
      if (MODULE_FILE.test(path))
        files.set(moduleName(basename(path).replace(MODULE_FILE, '')), join(top, path));
    }
  }
  return files;
}

async function builtInModules(directory: string): Promise<Set<string>> {
  const list = join(directory, 'modules.builtin');
  if (!existsSync(list)) return new Set();
  const lines = (await readFile(list, 'utf8')).split('\n').filter(Boolean);
  return new Set(lines.map((line) => moduleName(basename(line).replace(MODULE_FILE, ''))));
}
