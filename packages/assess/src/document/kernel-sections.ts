import type { Finding, ReportSection, TableCell } from '@quiesce/report';
import { alikeVersions } from '../kernels/alike-versions.ts';
import type { KernelDefect } from '../kernels/known-defects.ts';
import type { Assessment } from '../result/assessment.ts';
import { dumpsCell, faultsCell } from './tally-cells.ts';

/** What the kernel of the machine does today, and which versions to avoid on it. */
export function kernelSections({ kernel, kernels }: Assessment): ReportSection[] {
  if (kernel === null) return [];
  const present = kernel.defects.filter((defect) => defect.applies && defect.present !== false);
  const elsewhere = kernel.defects.filter((defect) => defect.applies && defect.present === false);
  const without = kernel.defects.filter((defect) => !defect.applies);
  const findings = present.map((defect) => findingOf(defect));
  return [
    {
      title: `What ${kernel.release ?? kernel.profile} does today`,
      blocks: [
        { kind: 'list', items: [...kernel.reasons, ...kernel.effects] },
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

function findingOf(defect: KernelDefect): Finding {
  return {
    severity: defect.severity,
    title: defect.present === undefined ? `${defect.title} (${defect.versions.join('; ')})` : defect.title,
    text: `${defect.text} Here: ${defect.because}.${defect.doubt === undefined ? '' : ` In doubt: ${defect.doubt}.`}`,
    evidence: [
      { source: `versions ${defect.versions.join('; ')}`, text: defect.rule },
      ...defect.cases.map((id) => ({ source: `case ${id}` })),
    ],
  };
}
