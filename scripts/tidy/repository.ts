import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Root of the repository. */
export const root: string = resolve(import.meta.dirname, '../..');

/** The fields of a package.json that the house has rules about. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: unknown;
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly private?: boolean;
  readonly publishConfig?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A package below packages/. */
export interface Package {
  /** Name of its folder. */
  readonly folder: string;
  readonly path: string;
  readonly manifest: Manifest;
}

/** Every package below packages/, by folder name; those that are never published too. */
export function packages(): Package[] {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((folder) => ({ folder, path: join(root, 'packages', folder) }))
    .filter(({ path }) => existsSync(join(path, 'package.json')))
    .map(({ folder, path }) => ({
      folder,
      path,
      manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')),
    }));
}

/** Every package that is published, by folder name. */
export function publicPackages(): Package[] {
  return packages().filter(({ manifest }) => manifest.private !== true);
}

/** Floor of a package in the house, 0 at the bottom; undefined if ARCHITECTURE.md gives it none. */
export function floorOf(folder: string): number | undefined {
  if (folder.startsWith('strategy-')) return 3;
  return floors[folder];
}

const floors: Readonly<Record<string, number>> = {
  simulation: 0,
  'pcie-model': 1,
  'vtd-iommu': 1,
  machine: 2,
  strategy: 2,
  'boot-sequencer': 3,
  benchmark: 4,
  'amd-iommu': 1,
  'smmu-v3': 1,
  record: 5,
  assess: 5,
  explorer: 4,
  diagnose: 4,
  capture: 4,
  'qemu-control': 4,
  'kernel-lab': 5,
  report: 4,
  'qemu-oracle': 5,
  robustness: 6,
  speed: 6,
  cli: 6,
  playground: 6,
};

/** Files that git has or would take, relative to the root. */
export function repositoryFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return list.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** TypeScript files below packages/<folder>/src, relative to the root. */
export function sourceFiles(folder: string): string[] {
  return repositoryFiles().filter(
    (path) => path.startsWith(`packages/${folder}/src/`) && path.endsWith('.ts'),
  );
}

/** Text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Tests, and what only tests use. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$|\/testing\//.test(path);
}

/** The entries of a package that TypeScript sources stand behind, as paths from the package's folder. */
export function sourceEntries({ manifest }: Package): string[] {
  return Object.values(manifest.exports ?? {}).flatMap((entry) =>
    typeof entry === 'string' ? [] : [entry['@quiesce/source'] ?? []].flat(),
  );
}
