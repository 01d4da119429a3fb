import type { ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

/** No exception leaves a hook, and no hook goes on for ever, on any machine. */
export const survives: ContractLaw = {
  name: 'survives',
  description: 'No machine makes a strategy throw or run for ever.',
  check: (plugin, laboratory) =>
    overMachines(plugin, laboratory, ({ failure, violations }) => {
      if (failure !== null) return `${failure.phase ?? 'create'}: ${failure.code}: ${failure.message}`;
      const endless = violations.find(({ code }) => code === 'BUDGET_EXHAUSTED');
      return endless === undefined ? undefined : `${endless.phase}: ${endless.message}`;
    }),
};
