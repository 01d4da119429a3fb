import type { AnyPlugin, ContractLaboratory } from './laboratory.ts';

/** What one law says about one plugin. */
export interface LawVerdict {
  readonly passed: boolean;
  /** What was tried, or what was broken and where. */
  readonly detail: string;
}

/** One thing that every strategy must obey. */
export interface ContractLaw {
  /** Kebab case. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  check(plugin: AnyPlugin, laboratory: ContractLaboratory): LawVerdict;
}

/** A law that is kept. */
export function kept(detail: string): LawVerdict {
  return { passed: true, detail };
}

/** A law that is broken. */
export function broken(detail: string): LawVerdict {
  return { passed: false, detail };
}
