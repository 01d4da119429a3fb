import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsdown';
import type { StrategyWorker } from '../strategy-worker.ts';

const here = import.meta.dirname;
const packages = path.resolve(here, '../../../..');

/** The lab's worker as it is shipped: in JavaScript, with its process beside it, and every strategy as a module. */
export interface BundledLab {
  readonly StrategyWorker: typeof StrategyWorker;
  /** URL of the module that it comes from. */
  readonly url: string;
  /** URLs of the strategies of this repository, by package folder. */
  readonly strategies: ReadonlyMap<string, string>;
  dispose(): Promise<void>;
}

/** Folders of this repository's strategies. */
export function strategyFolders(): string[] {
  return readdirSync(packages).filter((name) => name.startsWith('strategy-'));
}

/** Node 20 runs no TypeScript, and a worker's process is Node's: everything is bundled once, from the sources. */
export async function bundleLab(): Promise<BundledLab> {
  const outDir = await mkdtemp(path.join(packages, '../node_modules/.cache-lab-'));
  const folders = strategyFolders();
  const entry: Record<string, string> = {
    index: path.join(here, '../strategy-worker.ts'),
    'serve-plugin': path.join(here, '../plugin-process/serve-plugin.ts'),
  };
  for (const folder of folders) entry[folder] = path.join(packages, folder, 'src/index.ts');
  await build({
    config: false,
    cwd: packages,
    entry,
    outDir,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    dts: false,
    clean: false,
    logLevel: 'error',
    fixedExtension: false,
    noExternal: [/.*/],
    inputOptions: { resolve: { conditionNames: ['@quiesce/source', 'import', 'node', 'default'] } },
  });
  const url = pathToFileURL(path.join(outDir, 'index.js')).href;
  const { StrategyWorker } = (await import(url)) as BundledLab;
  const strategies = new Map(
    folders.map((folder) => [folder, pathToFileURL(path.join(outDir, `${folder}.js`)).href]),
  );
  return { StrategyWorker, url, strategies, dispose: () => rm(outDir, { recursive: true, force: true }) };
}
