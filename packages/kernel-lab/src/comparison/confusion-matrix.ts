import { confidenceInterval } from '@quiesce/benchmark';
import type { CellKind, ComparedCell } from './compared-cell.ts';

/** Predicted against observed, over cells of one kind. */
export interface ConfusionMatrix {
  readonly kind: CellKind;
  /** What was predicted; `either` where seeds differ. */
  readonly predicted: readonly string[];
  readonly observed: readonly string[];
  /** `counts[predicted][observed]` */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly cells: number;
  readonly agrees: number;
  /** Cells that differ, and a listed limit says why. */
  readonly explained: number;
  readonly disagrees: number;
  /** Share of cells that agree, with its 95 % interval; null if there are none. */
  readonly agreement: { readonly share: number; readonly low: number; readonly high: number } | null;
}

const order = ['faults', 'none', 'either', 'working', 'failed', 'lost', 'no-driver'];

/** Counts cells of one kind over any number of comparisons. Cells that were not compared do not count. */
export function confusionMatrix(
  comparisons: readonly (readonly ComparedCell[])[],
  kind: CellKind,
): ConfusionMatrix {
  const counts: Record<string, Record<string, number>> = {};
  const observed = new Set<string>();
  const standings = { agrees: 0, explained: 0, disagrees: 0 };
  for (const cell of comparisons.flat()) {
    if (cell.kind !== kind || cell.standing === 'not-compared' || cell.observed === null) continue;
    const said = cell.predicted.length === 1 ? (cell.predicted[0] as string) : 'either';
    counts[said] ??= {};
    const row = counts[said] as Record<string, number>;
    row[cell.observed] = (row[cell.observed] ?? 0) + 1;
    observed.add(cell.observed);
    standings[cell.standing]++;
  }
  const cells = standings.agrees + standings.explained + standings.disagrees;
  return {
    kind,
    predicted: sorted(Object.keys(counts)),
    observed: sorted([...observed]),
    counts,
    cells,
    ...standings,
    agreement:
      cells === 0
        ? null
        : { share: standings.agrees / cells, ...confidenceInterval(standings.agrees, cells) },
  };
}

function sorted(names: string[]): string[] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
