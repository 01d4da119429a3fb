import type { ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

/** Every write lands in pages that the strategy has allocated. */
export const ownMemory: ContractLaw = {
  name: 'own-memory',
  description: 'A strategy writes only into memory that it has allocated.',
  check: (plugin, laboratory) =>
    overMachines(plugin, laboratory, ({ violations }) => {
      const found = violations.find(({ code }) => code === 'MEMORY_NOT_OWNED');
      return found === undefined ? undefined : `${found.phase}: ${found.message}`;
    }),
};
