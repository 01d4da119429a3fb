import type { LabCombination } from './lab-combination.ts';

type Strategy = Pick<LabCombination, 'strategy' | 'options'>;

const NO_COPY = { tables: 'no-copy' } as const;
const KERNELS = ['debian-6.1.192', 'debian-6.12.117'] as const;

const none: Strategy = { strategy: 'none' };
const portReset = (when: 'setup_arch' | 'iommu_init', restore: boolean): Strategy => ({
  strategy: 'root-port-reset',
  options: { when, restore },
});
const disconnect: Strategy = { strategy: 'xen-disconnect-on-crash' };
const clearEarly: Strategy = { strategy: 'clear-bus-master', options: { when: 'setup_arch' } };
const acceptCopy: Strategy = { strategy: 'accept-active-iommu-copy' };

/** Strategies that are tried over tables that the second kernel rebuilds. */
const overRebuiltTables: readonly Strategy[] = [
  portReset('setup_arch', false),
  portReset('setup_arch', true),
  portReset('iommu_init', false),
  portReset('iommu_init', true),
  { strategy: 'hot-reset-at-setup_arch' },
  { strategy: 'initcall-reset' },
  { strategy: 'initcall-reset', options: { restore: false } },
  disconnect,
  clearEarly,
  acceptCopy,
];

/** Machines on which the strategies are tried again: more ports, nested switches, conventional PCI, no ports at all. */
const furtherMachines = ['q35-ports', 'q35-nested', 'q35-conventional', 'q35-root-complex'] as const;
const furtherStrategies: readonly Strategy[] = [
  none,
  portReset('setup_arch', true),
  { strategy: 'hot-reset-at-setup_arch' },
  { strategy: 'initcall-reset' },
  { strategy: 'function-level-reset' },
  disconnect,
  clearEarly,
  acceptCopy,
];

const SCALABLE = { firstScalable: true, secondScalable: true } as const;
const UNDRIVEN = { undrivenMs: 2000 } as const;

/** Every combination of `quiesce lab matrix`, what was measured before there was a lab first. */
export const labCombinations: readonly LabCombination[] = [
  ...KERNELS.flatMap((kernel): LabCombination[] => [
    { machine: 'q35-lab', ...none, kernel },
    { machine: 'q35-lab', ...none, kernel, variant: NO_COPY },
    { machine: 'q35-lab', ...none, kernel, variant: { tables: 'iommu-off' } },
    ...overRebuiltTables.map(
      (one): LabCombination => ({ machine: 'q35-lab', ...one, kernel, variant: NO_COPY }),
    ),
    { machine: 'q35-lab', ...none, kernel, variant: { interrupts: 'on' } },
  ]),
  ...(['copy', 'no-copy', 'iommu-off'] as const).map(
    (tables): LabCombination => ({
      machine: 'q35-lab',
      ...none,
      kernel: 'debian-6.12.117',
      variant: { tables, readsDumpTwice: true },
      undriven: ['cyclic-stream'],
    }),
  ),
  ...furtherMachines.flatMap((machine): LabCombination[] => [
    { machine, ...none, kernel: 'debian-6.12.117' },
    ...furtherStrategies.map(
      (one): LabCombination => ({ machine, ...one, kernel: 'debian-6.12.117', variant: NO_COPY }),
    ),
  ]),
  ...['6.1.187', '6.12.107', '6.1.192', '6.12.117'].flatMap((version): LabCombination[] => [
    { machine: 'q35-scalable', ...none, kernel: `debian-${version}`, variant: { ...SCALABLE, ...UNDRIVEN } },
    {
      machine: 'q35-scalable-both-halves',
      ...none,
      kernel: `debian-${version}`,
      variant: { ...SCALABLE, ...UNDRIVEN },
    },
    { machine: 'q35-scalable-legacy', ...none, kernel: `debian-${version}`, variant: UNDRIVEN },
  ]),
  ...KERNELS.flatMap((kernel): LabCombination[] => [
    { machine: 'q35-scalable', ...none, kernel, variant: { firstScalable: true, ...UNDRIVEN } },
    { machine: 'q35-scalable', ...none, kernel, variant: { secondScalable: true, ...UNDRIVEN } },
  ]),
];
