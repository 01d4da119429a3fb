import { hookMethods } from '../../hooks/hook-name.ts';
import { resolveOptions } from '../../options/resolve-options.ts';
import type { AnyPlugin } from '../laboratory.ts';
import { broken, type ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

/** A kernel has no event loop: what a hook would do later would never be done. */
export const synchronous: ContractLaw = {
  name: 'synchronous',
  description: 'Hooks are plain functions and return nothing that is still to come.',
  check(plugin, laboratory) {
    const declared = declaredOtherwise(plugin);
    if (declared !== undefined) return broken(declared);
    return overMachines(plugin, laboratory, ({ hooks }) => {
      const found = hooks.find(({ returnedThenable }) => returnedThenable);
      return found === undefined ? undefined : `${found.hook} returned a promise`;
    });
  },
};

/** A hook that no run has called can still be seen to be asynchronous, or a generator. */
function declaredOtherwise(plugin: AnyPlugin): string | undefined {
  const strategy = plugin.create(resolveOptions(plugin, {}));
  const hooks: [string, unknown][] = [
    ...hookMethods.map((name): [string, unknown] => [name, strategy[name]]),
    ...(strategy.initcalls ?? []).map(({ name, run }): [string, unknown] => [name, run]),
  ];
  for (const [name, hook] of hooks) {
    if (hook === undefined) continue;
    const tag = Object.prototype.toString.call(hook);
    if (tag !== '[object Function]') return `${name} is ${tag.slice(8, -1)}, not a plain function`;
  }
  return undefined;
}
