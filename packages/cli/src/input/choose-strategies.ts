import { fileURLToPath } from 'node:url';
import { findPlugin, loadPlugin, type PluginReference } from '@quiesce/benchmark';
import { UserError } from '@quiesce/simulation';
import { resolveOptions } from '@quiesce/strategy';
import { foundingStrategies } from './founding-strategies.ts';

/** Strategies as named by the user, with options of the form `NAME.KEY=VALUE`. */
export async function chooseStrategies(
  names: readonly string[],
  settings: readonly string[],
  cwd: string,
): Promise<PluginReference[]> {
  const options = parseSettings(settings);
  const references: PluginReference[] = [];
  for (const name of names) {
    const module = findPlugin(name, [cwd, fileURLToPath(new URL('.', import.meta.url))], foundingStrategies);
    const plugin = await loadPlugin(module);
    const own = { ...options.get(name), ...options.get(plugin.name) };
    options.delete(name);
    options.delete(plugin.name);
    // Refuse now what would be refused in every run.
    resolveOptions(plugin, own);
    references.push({ name: plugin.name, module, options: own });
  }
  for (const unused of options.keys()) {
    throw new UserError('USAGE', `--option names the strategy "${unused}", which is not compared`, {
      expected: names.join(', '),
    });
  }
  return references;
}

function parseSettings(settings: readonly string[]): Map<string, Record<string, unknown>> {
  const result = new Map<string, Record<string, unknown>>();
  for (const setting of settings) {
    const match = /^(.+)\.([^.=]+)=(.*)$/.exec(setting);
    if (match === null) {
      throw new UserError('USAGE', `--option ${setting} is not understood`, {
        expected: 'STRATEGY.KEY=VALUE',
      });
    }
    const [, strategy, key, value] = match as unknown as [string, string, string, string];
    const own = result.get(strategy) ?? {};
    own[key] = literal(value);
    result.set(strategy, own);
  }
  return result;
}

function literal(value: string): unknown {
  if (value === 'true') return true;
  if (value === 'false') return false;
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
