import type { ComparedCell } from '../comparison/compared-cell.ts';
import { type ConfusionMatrix, confusionMatrix } from '../comparison/confusion-matrix.ts';
import { strategyText, variantText } from '../matrix/lab-combination.ts';
import type { ComparedRuns } from '../recorded/compare-recorded.ts';

/** What recorded runs come to beside the model of today: what the README shows. */
export interface MatrixSummary {
  readonly combinations: number;
  readonly machines: number;
  readonly kernels: number;
  readonly strategies: number;
  readonly runs: number;
  /** Device and phase: faults or none. */
  readonly faults: ConfusionMatrix;
  /** Device: what the second kernel has of it. */
  readonly verdicts: ConfusionMatrix;
  /** Cells of every kind. */
  readonly totals: { readonly agrees: number; readonly explained: number; readonly disagrees: number };
}

/** Adds recorded runs up. */
export function summariseMatrix(compared: readonly ComparedRuns[]): MatrixSummary {
  const comparisons = compared.flatMap((one) => one.comparisons);
  const distinct = (key: 'machine' | 'kernel' | 'strategy'): number =>
    new Set(compared.map(({ recorded }) => recorded.combination[key])).size;
  const totals = { agrees: 0, explained: 0, disagrees: 0 };
  for (const { standing } of comparisons.flat()) if (standing !== 'not-compared') totals[standing]++;
  return {
    combinations: compared.length,
    machines: distinct('machine'),
    kernels: distinct('kernel'),
    strategies: distinct('strategy'),
    runs: comparisons.length,
    faults: confusionMatrix(comparisons, 'faults'),
    verdicts: confusionMatrix(comparisons, 'verdict'),
    totals,
  };
}

/** The summary as Markdown: two confusion matrices and what they come to. */
export function matrixMarkdown(summary: MatrixSummary): string {
  const { combinations, machines, kernels, strategies, runs, faults, verdicts, totals } = summary;
  return [
    `${runs} crashes of ${kernels} Linux kernels on ${machines} machines with ${strategies} strategies: ${combinations} combinations.`,
    '',
    table(faults, 'faults of a device in a phase'),
    '',
    table(verdicts, 'what the second kernel has of a device'),
    '',
    `Of ${number(totals.agrees + totals.explained + totals.disagrees)} statements ${number(totals.agrees)} agree, ${number(totals.explained)} are explained by limits of QEMU, ${number(totals.disagrees)} disagree. ${agreementText(faults)}`,
  ].join('\n');
}

/** Each combination as a row: how many statements agree, and which disagree. */
export function combinationsMarkdown(compared: readonly ComparedRuns[]): string {
  const rows = compared.map(({ recorded, comparisons }) => {
    const { combination, runs } = recorded;
    const count = (standing: ComparedCell['standing']): string =>
      number(comparisons.flat().filter((cell) => cell.standing === standing).length);
    const cells = [
      combination.machine,
      strategyText(combination),
      recorded.kernelVersion,
      variantText(combination),
      String(runs.length),
      count('agrees'),
      count('explained'),
      count('disagrees'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| machine | strategy | Linux | second kernel | runs | agree | explained | disagree |',
    '| --- | --- | --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function table({ predicted, observed, counts }: ConfusionMatrix, what: string): string {
  return [
    `| ${what}: model \\ kernel | ${observed.join(' | ')} |`,
    `| --- |${observed.map(() => ' ---: |').join('')}`,
    ...predicted.map((said) => {
      const row = observed.map((seen) => number(counts[said]?.[seen] ?? 0));
      return `| ${said === 'either' ? 'either, by chance' : said} | ${row.join(' | ')} |`;
    }),
  ].join('\n');
}

function agreementText({ agreement, cells }: ConfusionMatrix): string {
  if (agreement === null) return '';
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return `Faults or none came as predicted in ${percent(agreement.share)} of ${number(cells)} phases of devices (95 % interval ${percent(agreement.low)} to ${percent(agreement.high)}).`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
