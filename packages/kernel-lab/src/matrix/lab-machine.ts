import type { Machine } from '@quiesce/machine';
import { labTopology } from '../topologies/lab-topologies.ts';
import type { LabCombination } from './lab-combination.ts';

/**
 * The machine of a combination.
 * @throws UserError `LAB_MACHINE` for a name that no machine of the lab has
 */
export function machineOfCombination({
  machine,
  undriven = [],
}: Pick<LabCombination, 'machine' | 'undriven'>): Machine {
  const found = labTopology(machine);
  if (undriven.length === 0) return found;
  const functions = found.functions.map((one) =>
    undriven.includes(one.endpoint.kind) ? { ...one, driver: { ...one.driver, second: false } } : one,
  );
  return { ...found, functions };
}
