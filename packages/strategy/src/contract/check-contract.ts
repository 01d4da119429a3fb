import type { AnyPlugin, ContractLaboratory } from './laboratory.ts';
import type { ContractLaw, LawVerdict } from './law.ts';
import { deterministic } from './laws/deterministic.ts';
import { identity } from './laws/identity.ts';
import { optionsValidated } from './laws/options-validated.ts';
import { ownMemory } from './laws/own-memory.ts';
import { phaseServices } from './laws/phase-services.ts';
import { restores } from './laws/restores.ts';
import { survives } from './laws/survives.ts';
import { synchronous } from './laws/synchronous.ts';

/** The laws every strategy must obey, in the order in which they are checked. */
export const contractLaws: readonly ContractLaw[] = [
  identity,
  optionsValidated,
  survives,
  deterministic,
  phaseServices,
  ownMemory,
  restores,
  synchronous,
];

/** One law's verdict. */
export interface LawResult extends LawVerdict {
  /** Name of the law. */
  readonly law: string;
}

/** All verdicts on one plugin. */
export interface ContractReport {
  /** Every law is kept. */
  readonly passed: boolean;
  readonly laws: readonly LawResult[];
}

/**
 * Checks `plugin` against every law. Neutral to test frameworks: a test asserts `report.passed`, or makes one test of
 * each law. Never throws for what the plugin does; what a law throws is that law's verdict.
 */
export function checkContract(plugin: AnyPlugin, laboratory: ContractLaboratory): ContractReport {
  const laws = contractLaws.map((law): LawResult => {
    try {
      return { law: law.name, ...law.check(plugin, laboratory) };
    } catch (error) {
      return { law: law.name, passed: false, detail: `could not be checked: ${String(error)}` };
    }
  });
  return { passed: laws.every(({ passed }) => passed), laws };
}
