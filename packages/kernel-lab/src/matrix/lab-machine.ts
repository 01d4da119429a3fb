import { type Machine, preset } from '@quiesce/machine';
import type { LabCombination } from './lab-combination.ts';

/**
 * The machine of a combination.
 * @throws UserError for a name that no machine has
 */
export function machineOfCombination({
  machine,
  undriven = [],
}: Pick<LabCombination, 'machine' | 'undriven'>): Machine {
  const found = preset(machine);
  if (undriven.length === 0) return found;
  const functions = found.functions.map((one) =>
    undriven.includes(one.endpoint.kind) ? { ...one, driver: { ...one.driver, second: false } } : one,
  );
  return { ...found, functions };
}
