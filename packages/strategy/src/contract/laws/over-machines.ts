import type { AnyPlugin, ContractLaboratory, ContractRun } from '../laboratory.ts';
import { broken, kept, type LawVerdict } from '../law.ts';

/** Runs `plugin` once on every machine; the first fault that `inspect` names breaks the law. */
export function overMachines(
  plugin: AnyPlugin,
  laboratory: ContractLaboratory,
  inspect: (run: ContractRun) => string | undefined,
): LawVerdict {
  for (const machine of laboratory.machines) {
    const fault = inspect(laboratory.run({ plugin, options: {}, machine, seed: 1 }));
    if (fault !== undefined) return broken(`${machine}: ${fault}`);
  }
  return kept(`on ${laboratory.machines.join(', ')}`);
}
