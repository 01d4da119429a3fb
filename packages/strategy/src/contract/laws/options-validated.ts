import { UserError } from '@quiesce/simulation';
import { resolveOptions } from '../../options/resolve-options.ts';
import type { AnyPlugin } from '../laboratory.ts';
import { broken, type ContractLaw, kept, type LawVerdict } from '../law.ts';

const notOptions: readonly unknown[] = [42, 'waitMs=1', true, [], null];

/** Bad options are refused with a typed error before anything runs; defaults are enough to run. */
export const optionsValidated: ContractLaw = {
  name: 'options-validated',
  description: 'Options have defaults, and bad ones are refused with a typed error.',
  check(plugin: AnyPlugin): LawVerdict {
    let defaults: unknown;
    try {
      defaults = resolveOptions(plugin, {});
    } catch (error) {
      return broken(`defaults are not enough: ${String(error)}`);
    }
    for (const input of notOptions) {
      const fault = mustRefuse(plugin, input);
      if (fault !== undefined) return broken(fault);
    }
    if (plugin.options === undefined) {
      const fault = mustRefuse(plugin, { anything: 1 });
      return fault === undefined ? kept('takes no options') : broken(fault);
    }
    const names = Object.keys((defaults ?? {}) as object);
    for (const name of names) {
      const value = (defaults as Record<string, unknown>)[name];
      if (typeof value === 'object' || value === undefined) continue;
      for (const wrong of [{}, Number.NaN, Symbol('wrong')]) {
        const fault = mustRefuse(plugin, { [name]: wrong });
        if (fault !== undefined) return broken(fault);
      }
    }
    return kept(names.length === 0 ? 'takes no options' : `refuses wrong values of ${names.join(', ')}`);
  },
};

function mustRefuse(plugin: AnyPlugin, input: unknown): string | undefined {
  try {
    resolveOptions(plugin, input);
  } catch (error) {
    if (error instanceof UserError && error.code === 'STRATEGY_OPTIONS') return undefined;
    return `${show(input)} gives ${String(error)} instead of a list of issues`;
  }
  return `${show(input)} is accepted`;
}

function show(input: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return JSON.stringify(input);
  return `{ ${Object.entries(input)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? '{}' : String(value)}`)
    .join(', ')} }`;
}
