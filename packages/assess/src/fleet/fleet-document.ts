import { compareSeverity, type ReportDocument, type Severity, type TableCell } from '@quiesce/report';
import type { DocumentOptions } from '../document/assessment-document.ts';
import type { FleetAssessment, FleetRow } from './assess-fleet.ts';

/** A fleet as a report: the machines in order of risk, and what is worth changing on most of them. */
export function fleetDocument(fleet: FleetAssessment, options: DocumentOptions = {}): ReportDocument {
  const { machines, errors } = fleet;
  const count = (severity: Severity): number => machines.filter((row) => row.severity === severity).length;
  const worst = machines.map(({ severity }) => severity).sort(compareSeverity)[0] ?? 'note';
  return {
    title: `Assessment of ${machines.length} machines`,
    summary: `${count('critical')} are at grave risk, ${count('warning')} at some, ${count('note') + count('good')} at little. ${errors.length} could not be assessed.`,
    severity: errors.length > 0 && worst === 'good' ? 'note' : worst,
    facts: [],
    sections: [
      {
        title: 'Machines, the one most at risk first',
        blocks: [
          {
            kind: 'table',
            columns: [
              { name: '#', align: 'right' },
              { name: 'Machine' },
              { name: 'Kernel', rank: 1 },
              { name: 'Dumps', align: 'right' },
              { name: 'True', align: 'right', rank: 3 },
              { name: 'Faults', align: 'right', rank: 2 },
              { name: 'First advice', rank: 4 },
            ],
            rows: machines.map(machineCells),
            empty: 'none could be assessed',
          },
        ],
      },
      {
        title: 'Advice that helps most machines',
        blocks: [
          {
            kind: 'table',
            columns: [{ name: 'Machines', align: 'right' }, { name: 'Advice' }],
            rows: commonAdvice(machines).map(([title, times]) => [String(times), title]),
            empty: 'nothing that was tried does clearly better',
          },
        ],
      },
      ...(errors.length === 0
        ? []
        : [
            {
              title: 'Captures that could not be assessed',
              blocks: [
                {
                  kind: 'table' as const,
                  columns: [{ name: 'Capture' }, { name: 'Why' }],
                  rows: errors.map(({ name, message }): TableCell[] => [
                    name,
                    { text: message, severity: 'warning' },
                  ]),
                },
              ],
            },
          ]),
    ],
    footer: `${options.tool ?? 'quiesce'}: ${machines.length + errors.length} captures`,
  };
}

function machineCells(row: FleetRow, index: number): TableCell[] {
  return [
    String(index + 1),
    { text: row.name, severity: row.severity },
    row.kernel === '' ? `${row.profile || row.platform} (assumed)` : row.kernel,
    row.crashes === 0 ? 'not simulated' : `${row.dumps}/${row.crashes}`,
    row.crashes === 0 ? '-' : `${row.trueDumps}/${row.crashes}`,
    `${Math.round(row.medianFaults)}`,
    row.advice[0]?.title ?? '-',
  ];
}

function commonAdvice(machines: readonly FleetRow[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { advice } of machines) {
    for (const topic of new Set(advice.map((one) => one.topic)))
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10);
}
