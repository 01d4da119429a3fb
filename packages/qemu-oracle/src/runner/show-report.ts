import type { SuiteReport } from './differential-suite.ts';

/** A report as text: what was compared, what is known to differ, and what should not. */
export function showReport(report: SuiteReport): string {
  const lines = [
    `${report.suite}: ${report.cases} random cases from seed ${report.seed} and ${report.corpusCases} fixed ones in ${report.seconds.toFixed(0)} s`,
    '',
    'What the cases came to:',
    ...Object.entries(report.tally).map(([name, count]) => `${String(count).padStart(10)}  ${name}`),
    '',
    'Listed deviations of QEMU, and how often they were met:',
    ...report.deviations.map(({ id, occurrences }) => `${String(occurrences).padStart(10)}  ${id}`),
    '',
  ];
  if (report.disagreements.length === 0) lines.push('No unexplained disagreement.');
  for (const { seed, path, summary, case: what } of report.disagreements) {
    lines.push(`DISAGREEMENT at --seed ${seed} --path ${path}`, summary, JSON.stringify(what));
  }
  return `${lines.join('\n')}\n`;
}
