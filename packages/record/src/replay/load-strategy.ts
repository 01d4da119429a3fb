import { fileURLToPath } from 'node:url';
import { findPlugin, loadPlugin } from '@quiesce/benchmark';
import type { LoadStrategy } from './run-seeds.ts';

/** Loads strategies by name from these folders, then from where this package is installed; each once. */
export function strategyLoader(folders: readonly string[]): LoadStrategy {
  const own = fileURLToPath(new URL('.', import.meta.url));
  const loaded = new Map<string, ReturnType<LoadStrategy>>();
  return (name) => {
    let plugin = loaded.get(name);
    if (plugin === undefined) {
      plugin = Promise.resolve().then(() => loadPlugin(findPlugin(name, [...folders, own])));
      loaded.set(name, plugin);
    }
    return plugin;
  };
}
