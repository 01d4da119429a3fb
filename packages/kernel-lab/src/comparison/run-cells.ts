import type { RunAccount } from '../account/account.ts';
import { type ComparedCell, cellOf } from './compared-cell.ts';

const RUN = { subject: 'run', phase: null } as const;

/** What became of the second kernel, the dump and the strategy. */
export function runCells(predictions: readonly RunAccount[], observed: RunAccount): ComparedCell[] {
  const cells = [
    cellOf(
      { ...RUN, kind: 'stopped' },
      predictions.map(({ stopped }) => stopText(stopped)),
      stopText(observed.stopped),
      {},
      (values, value) => values.some((one) => sameStop(one, value)),
    ),
    cellOf(
      { ...RUN, kind: 'dump' },
      predictions.map(({ dump }) => existsText(dump.exists)),
      existsText(observed.dump.exists),
    ),
    cellOf(
      { ...RUN, kind: 'dump-intact' },
      predictions.map(({ dump }) => intactText(dump.intact)),
      intactText(observed.dump.intact),
    ),
    changesCell(predictions, observed),
    cellOf(
      { ...RUN, kind: 'strategy' },
      predictions.map(({ strategyFailure }) => strategyFailure?.code ?? 'ran'),
      observed.strategyFailure?.code ?? 'ran',
    ),
  ];
  return cells.filter((one) => one.observed !== null || one.predicted.length > 0);
}

function changesCell(predictions: readonly RunAccount[], observed: RunAccount): ComparedCell {
  const text = (pages: number | undefined): string | undefined =>
    pages === undefined ? undefined : pages === 0 ? 'unchanging' : 'changes';
  const pages = predictions.flatMap(({ dump }) => dump.changedPages ?? []).sort((a, b) => a - b);
  const seen = observed.dump.changedPages;
  return cellOf(
    { ...RUN, kind: 'dump-changes' },
    predictions.map(({ dump }) => text(dump.changedPages)),
    text(seen),
    seen === undefined ? {} : { counts: { predicted: pages[pages.length >> 1] ?? 0, observed: seen } },
  );
}

function existsText(exists: boolean): string {
  return exists ? 'exists' : 'none';
}

function intactText(intact: boolean | undefined): string | undefined {
  return intact === undefined ? undefined : intact ? 'intact' : 'altered';
}

const ON = 'went on';

/** The cause alone, without who says so: `Kernel panic - not syncing: timer doesn't work …`. */
function stopText(stopped: string | null): string {
  if (stopped === null) return ON;
  return stopped.replace(/^.*(?:kernel panic - not syncing|kernel panic): /i, '').trim();
}

/** A console's line may say more than the model's cause, or be cut. */
function sameStop(one: string, other: string): boolean {
  if (one === ON || other === ON) return one === other;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a.includes(b) || b.includes(a);
}
