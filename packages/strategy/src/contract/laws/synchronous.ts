import type { ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

/** A kernel has no event loop: what a hook would do later would never be done. */
export const synchronous: ContractLaw = {
  name: 'synchronous',
  description: 'Hooks are plain functions and return nothing that is still to come.',
  check: (plugin, laboratory) =>
    overMachines(plugin, laboratory, ({ hooks }) => {
      const found = hooks.find(({ returnedThenable }) => returnedThenable);
      return found === undefined ? undefined : `${found.hook} returned a promise`;
    }),
};
