import type { AnyPlugin, ContractLaboratory } from '../laboratory.ts';
import { broken, type ContractLaw, kept, type LawVerdict } from '../law.ts';

/** Equal requests give equal runs, whatever ran in between: no clock, no randomness, no state in the module. */
export const deterministic: ContractLaw = {
  name: 'deterministic',
  description: 'The same crash ends the same way every time, and no run leaves a trace in the next.',
  check(plugin: AnyPlugin, laboratory: ContractLaboratory): LawVerdict {
    for (const seed of [1, 2]) {
      const first = laboratory.machines.map((machine) => hashOf(plugin, laboratory, machine, seed));
      const again = laboratory.machines.map((machine) => hashOf(plugin, laboratory, machine, seed));
      for (const [index, machine] of laboratory.machines.entries()) {
        const [before, after] = [first[index], again[index]];
        if (before !== after) return broken(`${machine}, seed ${seed}: ${before}, then ${after}`);
      }
    }
    return kept(`2 seeds on ${laboratory.machines.length} machine(s), each twice`);
  },
};

function hashOf(plugin: AnyPlugin, laboratory: ContractLaboratory, machine: string, seed: number): string {
  return laboratory.run({ plugin, options: {}, machine, seed }).traceHash;
}
