import { resolveOptions } from '../../options/resolve-options.ts';
import { initcallLevels } from '../../phases.ts';
import type { Strategy } from '../../strategy.ts';
import type { AnyPlugin } from '../laboratory.ts';
import { broken, type ContractLaw, kept, type LawVerdict } from '../law.ts';

const NAME = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Name, description and sources are there, and the strategy that is made carries the plugin's. */
export const identity: ContractLaw = {
  name: 'identity',
  description: 'A plugin says what it is called, what it does and whom it follows.',
  check(plugin: AnyPlugin): LawVerdict {
    const fault = ofPlugin(plugin);
    if (fault !== undefined) return broken(fault);
    let strategy: Strategy;
    try {
      strategy = plugin.create(resolveOptions(plugin, {}));
    } catch (error) {
      return broken(`create with default options threw: ${String(error)}`);
    }
    if (strategy.name !== plugin.name) {
      return broken(`create made a strategy called ${strategy.name}, the plugin is ${plugin.name}`);
    }
    for (const { level, name } of strategy.initcalls ?? []) {
      if (!initcallLevels.includes(level)) return broken(`no initcall level is called ${String(level)}`);
      if (!FUNCTION_NAME.test(name)) return broken(`an initcall's name is a function name, not "${name}"`);
    }
    return kept(`${plugin.name}, after ${plugin.sources.length} source(s)`);
  },
};

function ofPlugin(plugin: AnyPlugin): string | undefined {
  if (typeof plugin.name !== 'string' || !NAME.test(plugin.name)) {
    return `name ${JSON.stringify(plugin.name)} is not in kebab case`;
  }
  if (typeof plugin.description !== 'string' || plugin.description.trim() === '') {
    return 'there is no description';
  }
  const { sources } = plugin;
  if (!Array.isArray(sources) || sources.length === 0) return 'there are no sources';
  if (sources.some((source) => typeof source !== 'string' || source.trim() === ''))
    return 'a source is empty';
  return undefined;
}
