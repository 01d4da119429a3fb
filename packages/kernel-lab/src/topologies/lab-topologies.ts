import { type Machine, preset } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { q35Conventional } from './conventional-topology.ts';
import { q35Scalable, q35ScalableBothHalves, q35ScalableLegacy } from './expander-topologies.ts';
import { q35LabWithoutNvme, q35Nested, q35Ports, q35RootComplex } from './express-topologies.ts';

/** The machines that the lab runs kernels on, by name: each is one that QEMU can be. */
export const labTopologies: Readonly<Record<string, () => Machine>> = {
  'q35-lab': () => preset('q35-lab'),
  'q35-lab-no-nvme': q35LabWithoutNvme,
  'q35-ports': q35Ports,
  'q35-nested': q35Nested,
  'q35-conventional': q35Conventional,
  'q35-root-complex': q35RootComplex,
  'q35-scalable': q35Scalable,
  'q35-scalable-both-halves': q35ScalableBothHalves,
  'q35-scalable-legacy': q35ScalableLegacy,
};

/**
 * The lab's machine of this name.
 * @throws UserError `LAB_MACHINE` for any other name
 */
export function labTopology(name: string): Machine {
  const make = Object.hasOwn(labTopologies, name) ? labTopologies[name] : undefined;
  if (make === undefined) {
    throw new UserError('LAB_MACHINE', `the lab has no machine "${name}"`, {
      expected: Object.keys(labTopologies).join(', '),
    });
  }
  return make();
}
