import type { ComparedRuns, ConfusionMatrix } from '@quiesce/kernel-lab';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { KernelLab } from '../input/kernel-lab.ts';
import { borderless, linesOf } from './table-style.ts';
import { wrapText } from './wrap-text.ts';

/** The matrix on a terminal: a row a combination, both confusion matrices, and what disagrees. */
export function matrixTable(compared: readonly ComparedRuns[], lab: KernelLab, width: number): string {
  const table = new Table(borderless(['left', 'right', 'right', 'right', 'right']));
  table.push(['combination', 'runs', 'agree', 'explained', 'disagree'].map((one) => pc.dim(one)));
  const lines: string[] = [];
  for (const { recorded, comparisons } of compared) {
    const cells = comparisons.flat();
    const count = (standing: string): number => cells.filter((one) => one.standing === standing).length;
    const name = lab.combinationName(recorded.combination);
    const wrong = count('disagrees');
    table.push([
      name,
      recorded.runs.length,
      count('agrees'),
      count('explained'),
      wrong === 0 ? '0' : pc.red(`${wrong}`),
    ]);
    const sentences = cells.filter(({ standing }) => standing === 'disagrees').map(lab.cellSentence);
    lines.push(...[...new Set(sentences)].map((one) => wrapText(`${name}: ${one}`, width)));
  }
  const { faults, verdicts, totals } = lab.summariseMatrix(compared);
  return [
    `${linesOf(table).join('\n')}\n\n`,
    `faults of a device in a phase (rows: model, columns: kernel)\n${confusion(faults)}\n\n`,
    `what the second kernel has of a device\n${confusion(verdicts)}\n\n`,
    `${totals.agrees} statements agree, ${totals.explained} are explained by limits of QEMU, ${totals.disagrees} disagree.\n`,
    ...(lines.length === 0 ? [] : ['\n', ...lines]),
  ].join('');
}

function confusion({ predicted, observed, counts }: ConfusionMatrix): string {
  const table = new Table(borderless(['left', ...observed.map(() => 'right' as const)]));
  table.push(['', ...observed].map((one) => pc.dim(one)));
  for (const said of predicted) table.push([said, ...observed.map((seen) => `${counts[said]?.[seen] ?? 0}`)]);
  return linesOf(table).join('\n');
}
