import type { Finding, ReportSection, TableCell } from '@quiesce/report';
import { compareVersions } from '../kernels/kernel-version.ts';
import type { KernelDefect } from '../kernels/known-defects.ts';
import { rangeName } from '../kernels/nearest-profile.ts';
import type { Assessment, KernelStanding } from '../result/assessment.ts';
import { dumpsCell, faultsCell } from './tally-cells.ts';

/** What the kernel of the machine does today, and which versions to avoid on it. */
export function kernelSections(
  { kernel, kernels }: Assessment,
  titles: ReadonlyMap<string, string>,
): ReportSection[] {
  if (kernel === null) return [];
  const present = kernel.defects.filter((defect) => defect.applies && defect.present !== false);
  const elsewhere = kernel.defects.filter((defect) => defect.applies && defect.present === false);
  const without = kernel.defects.filter((defect) => !defect.applies);
  const findings = present.map((defect) => findingOf(defect, titles));
  return [
    {
      title: `What ${kernel.release ?? kernel.profile} does today`,
      blocks: [
        { kind: 'lines', lines: [...kernel.reasons, ...kernel.effects].map((text) => ({ text })) },
        findings.length === 0
          ? { kind: 'text', text: 'No known defect of this version matters on this machine.' }
          : { kind: 'findings', findings },
      ],
    },
    {
      title: 'Kernel versions on this machine',
      blocks: [
        {
          kind: 'table',
          columns: [
            { name: 'Versions' },
            { name: 'Dumps', align: 'right' },
            { name: 'Faults', align: 'right', rank: 1 },
            { name: 'Verdict' },
          ],
          rows: alikeVersions(kernels).map(({ versions, standing: { tally, avoid, why } }): TableCell[] => [
            versions,
            dumpsCell(tally),
            faultsCell(tally),
            avoid ? { text: `avoid: ${why}`, severity: 'critical' } : why,
          ]),
          empty: 'none was simulated',
        },
      ],
    },
    ...(elsewhere.length + without.length === 0
      ? []
      : [
          {
            title: 'Known defects of other versions, and those that do not matter here',
            detail: true,
            blocks: [
              {
                kind: 'table' as const,
                columns: [{ name: 'Defect' }, { name: 'Versions' }, { name: 'On this machine' }],
                rows: [...elsewhere, ...without].map((one): TableCell[] => [
                  one.title,
                  one.versions.join('; '),
                  one.applies
                    ? { text: `matters: ${one.because}`, severity: one.severity }
                    : `does not matter: ${one.because}`,
                ]),
              },
            ],
          },
        ]),
  ];
}

/** Ranges of versions in their order; neighbours that come to the same stand in one row. */
function alikeVersions(
  kernels: readonly KernelStanding[],
): { readonly versions: string; readonly standing: KernelStanding }[] {
  const ranges = kernels
    .flatMap((standing) => standing.versions.map((range) => ({ ...range, standing })))
    .sort((a, b) => compareVersions(a.from.split('.').map(Number), b.from.split('.').map(Number)));
  const rows: { from: string; before: string; standing: KernelStanding }[] = [];
  for (const range of ranges) {
    const last = rows.at(-1);
    if (
      last !== undefined &&
      last.before === range.from &&
      comesTo(last.standing) === comesTo(range.standing)
    ) {
      last.before = range.before;
    } else rows.push({ ...range });
  }
  return rows.map(({ from, before, standing }) => ({ versions: rangeName(from, before), standing }));
}

/** What a row says, in orders of magnitude where numbers are large. */
function comesTo({ tally, avoid }: KernelStanding): string {
  const faults = Math.floor(Math.log10(1 + tally.dmaFaults.median + tally.interruptFaults.median));
  return `${tally.dumps.times} ${tally.trueDumps.times} ${faults} ${avoid}`;
}

function findingOf(defect: KernelDefect, titles: ReadonlyMap<string, string>): Finding {
  return {
    severity: defect.severity,
    title: defect.present === undefined ? `${defect.title} (${defect.versions.join('; ')})` : defect.title,
    text: `${defect.text} Here: ${defect.because}.`,
    evidence: [
      { source: `versions ${defect.versions.join('; ')}`, text: defect.rule },
      ...defect.cases.map((id) => {
        const title = titles.get(id);
        return title === undefined ? { source: `case ${id}` } : { source: `case ${id}`, text: title };
      }),
    ],
  };
}
