import type { MachineFunction } from '@quiesce/machine';
import { defaultVariant, type LabVariant } from '../lab/lab-variant.ts';

/** One cell of the matrix: what crashes with which strategy under which kernel. By names, so that it can be kept as JSON. */
export interface LabCombination {
  /** A machine of the lab. */
  readonly machine: string;
  /** A strategy's name, and its options as a user writes them. */
  readonly strategy: string;
  readonly options?: Readonly<Record<string, boolean | number | string>>;
  /** `debian-6.1.192`: an exact version, so that it stays what it was. */
  readonly kernel: string;
  /** What differs from the default. */
  readonly variant?: Partial<LabVariant>;
  /** Kinds of endpoints for which the second kernel has no driver. */
  readonly undriven?: readonly MachineFunction['endpoint']['kind'][];
}

/** The combination's variant, whole. */
export function variantOf({ variant }: LabCombination): LabVariant {
  return { ...defaultVariant, ...variant };
}

/**
 * A name that is one combination's alone, and a file's: `q35-lab_root-port-reset-restore-false_6.1.192_no-copy`.
 */
export function combinationName(combination: LabCombination): string {
  const { machine, strategy, options = {}, kernel, undriven = [] } = combination;
  const { tables, firstScalable, secondScalable, interrupts, undrivenMs, readsDumpTwice } =
    variantOf(combination);
  const said = Object.entries(options).map(([key, value]) => `${key}-${value}`);
  const modes =
    firstScalable || secondScalable ? [`scalable-${mode(firstScalable)}-${mode(secondScalable)}`] : [];
  return [
    machine,
    [strategy, ...said].join('-'),
    kernel.replace(/^debian-/, ''),
    [
      tables,
      ...modes,
      ...(interrupts === 'on' ? ['interrupts'] : []),
      ...(undrivenMs !== defaultVariant.undrivenMs ? [`wait-${undrivenMs}ms`] : []),
      ...(undriven.length > 0 ? [`no-${undriven.join('-')}`] : []),
      ...(readsDumpTwice ? ['dump-twice'] : []),
    ].join('-'),
  ]
    .join('_')
    .replace(/[^\w.-]/g, '-');
}

function mode(scalable: boolean): string {
  return scalable ? 'on' : 'off';
}

/** The same for people: `root-port-reset restore=false`. */
export function strategyText({ strategy, options = {} }: LabCombination): string {
  return [strategy, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(' ');
}

/** What the second kernel makes of the tables, and what else is special: `no copy, interrupts on`. */
export function variantText(combination: LabCombination): string {
  const { tables, firstScalable, secondScalable, interrupts, readsDumpTwice } = variantOf(combination);
  const { undriven = [] } = combination;
  const modes =
    firstScalable === secondScalable
      ? firstScalable
        ? ['scalable']
        : []
      : [`${firstScalable ? 'scalable' : 'legacy'} then ${secondScalable ? 'scalable' : 'legacy'}`];
  return [
    { copy: 'copy', 'no-copy': 'no copy', 'iommu-off': 'IOMMU off' }[tables],
    ...modes,
    ...(interrupts === 'on' ? ['interrupts on'] : []),
    ...(undriven.length > 0 ? [`${undriven.join(', ')} undriven`] : []),
    ...(readsDumpTwice ? ['dump read twice'] : []),
  ].join(', ');
}
