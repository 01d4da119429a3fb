import type { LabPhase } from '../account/account.ts';

/** What one cell of a comparison is about. */
export type CellKind =
  /** A device's requests were refused in a phase, or none was. */
  | 'faults'
  /** For which reasons, where both saw faults. */
  | 'reasons'
  /** A device's Command register when a phase began. */
  | 'command'
  /** A unit translates, or remaps interrupts, when a phase begins. */
  | 'translation'
  | 'interrupt-remapping'
  /** A unit's table pointers are those of the crash, or others. */
  | 'root-table'
  | 'interrupt-table'
  /** A device's context entry is that of the crash, another one, or not present. */
  | 'context'
  /** What the second kernel has of a device. */
  | 'verdict'
  /** /proc/vmcore: there, as it was, unchanging. */
  | 'dump'
  | 'dump-intact'
  | 'dump-changes'
  /** Why the second kernel did not come to its dump. */
  | 'stopped'
  /** What became of the strategy itself. */
  | 'strategy';

/**
 * `agrees`; `explained`: they differ, and a listed limit of QEMU says why; `disagrees`: they differ; `not-compared`: one of
 * them has nothing to say, because the phase was not reached or nobody looked.
 */
export type Standing = 'agrees' | 'explained' | 'disagrees' | 'not-compared';

/** How often something was counted by either; counts inform, they do not decide. */
export interface CellCounts {
  /** Median over the predictions. */
  readonly predicted: number;
  readonly observed: number;
}

/** One statement of the prediction beside what was observed. */
export interface ComparedCell {
  readonly kind: CellKind;
  /** Device, unit, or `run`. */
  readonly subject: string;
  /** Null for what concerns the whole run. */
  readonly phase: LabPhase | null;
  /** What predictions of different seeds say, without repetitions; empty if none says anything. */
  readonly predicted: readonly string[];
  /** Null where nobody looked. */
  readonly observed: string | null;
  readonly standing: Standing;
  /** Name of the limit that explains it. */
  readonly limit?: string;
  readonly counts?: CellCounts;
  /** The chain of the first such fault in the model: device, table entry, what was refused. */
  readonly via?: string;
}

/** A cell in which the kernel did something else than the model, explained or not. */
export type Disagreement = ComparedCell & { readonly standing: 'disagrees' | 'explained' };

/** A cell as found, before limits are asked. `holds` decides where equality does not. */
export function cellOf(
  place: Pick<ComparedCell, 'kind' | 'subject' | 'phase'>,
  predicted: readonly (string | undefined)[],
  observed: string | undefined,
  rest: Pick<ComparedCell, 'counts' | 'via'> = {},
  holds: (predicted: readonly string[], observed: string) => boolean = (values, value) =>
    values.includes(value),
): ComparedCell {
  const values = [...new Set(predicted.filter((one) => one !== undefined))];
  const nothing = observed === undefined || values.length === 0;
  const standing = nothing ? 'not-compared' : holds(values, observed) ? 'agrees' : 'disagrees';
  return { ...place, predicted: values, observed: observed ?? null, standing, ...rest };
}
