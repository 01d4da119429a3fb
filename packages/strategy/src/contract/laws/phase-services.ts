import type { ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

/** Nothing is used in a phase that lacks it, not even if the plugin catches the error. */
export const phaseServices: ContractLaw = {
  name: 'phase-services',
  description: 'A hook touches only what its phase offers, by accesses that the hardware can make.',
  check: (plugin, laboratory) =>
    overMachines(plugin, laboratory, ({ violations }) => {
      const found = violations.find(
        ({ code }) => code === 'SERVICE_NOT_AVAILABLE' || code === 'CONFIG_ACCESS',
      );
      return found === undefined ? undefined : `${found.phase}: ${found.message}`;
    }),
};
