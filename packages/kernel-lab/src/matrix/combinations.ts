import groups from './combinations.json' with { type: 'json' };
import type { LabCombination } from './lab-combination.ts';

/** Combinations that belong together: every machine with every kernel, variant and strategy. */
interface CombinationGroup {
  /** For people. */
  readonly about: string;
  readonly machines: readonly string[];
  readonly kernels: readonly string[];
  readonly variants: readonly NonNullable<LabCombination['variant']>[];
  readonly strategies: readonly Pick<LabCombination, 'strategy' | 'options'>[];
  readonly undriven?: LabCombination['undriven'];
}

/** Every combination of `quiesce lab matrix`, what was measured before there was a lab first. */
export const labCombinations: readonly LabCombination[] = (groups as readonly CombinationGroup[]).flatMap(
  ({ machines, kernels, variants, strategies, undriven }) =>
    machines.flatMap((machine) =>
      kernels.flatMap((kernel) =>
        variants.flatMap((variant) =>
          strategies.map((one): LabCombination => {
            const named = Object.keys(variant).length > 0 ? { variant } : {};
            return { machine, ...one, kernel, ...named, ...(undriven === undefined ? {} : { undriven }) };
          }),
        ),
      ),
    ),
);
