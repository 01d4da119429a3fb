import type { ReportSection, TableCell, TableColumn } from '@quiesce/report';
import { compareGains } from '../advice/gain.ts';
import type { Assessment, Standing } from '../result/assessment.ts';
import type { Tally } from '../simulation/tally.ts';
import { countCell, dumpsCell, faultsCell, secondsCell } from './tally-cells.ts';

const columns: readonly TableColumn[] = [
  { name: 'Dumps', align: 'right' },
  { name: 'Faults', align: 'right', rank: 5 },
  { name: 'Untranslated', align: 'right', rank: 2 },
  { name: 'Pages changed', align: 'right', rank: 3 },
  { name: 'Display lost', align: 'right', rank: 4 },
  { name: 'Until the dump', align: 'right', rank: 1 },
];

/** What simulated crashes came to: as things are, and with each strategy. */
export function simulationSections({ now, strategies, workloads }: Assessment): ReportSection[] {
  if (now === null) return [];
  const told = new Map(workloads.map(({ name, description }) => [name, description]));
  const ranked = [...strategies].sort((a, b) => (a.gain && b.gain ? compareGains(a.gain, b.gain) : 0));
  return [
    {
      title: 'As things are, by workload',
      blocks: [
        {
          kind: 'table',
          columns: [{ name: 'Workload' }, ...columns],
          rows: now.byWorkload.map(({ workload, tally }) => [workload, ...cells(tally)]),
        },
        {
          kind: 'list',
          items: [
            ...now.byWorkload.map(({ workload }) => `${workload}: ${told.get(workload) ?? ''}`),
            'true: leftover DMA changed no page of the dump while it was written',
          ],
        },
      ],
    },
    ...(ranked.length === 0
      ? []
      : [
          {
            title: 'Strategies, simulated on this machine',
            blocks: [
              {
                kind: 'text' as const,
                text: 'Most of these need a kernel of your own; the first row is what the kernels do by themselves.',
              },
              {
                kind: 'table' as const,
                columns: [{ name: 'Strategy' }, ...columns],
                rows: [now, ...ranked].map((one) => [strategyCell(one, now), ...cells(one.tally)]),
              },
            ],
          },
        ]),
  ];
}

function strategyCell({ name, gain, tally }: Standing, now: Standing): TableCell {
  if (tally.failure !== null && tally.ended === 0)
    return { text: `${name} (${tally.failure.text})`, severity: 'critical' };
  if (name === now.name) return 'as things are';
  if (gain?.verdict === 'better')
    return { text: name, severity: gain.against.length === 0 ? 'good' : 'note' };
  return gain?.verdict === 'worse' ? { text: name, severity: 'critical' } : name;
}

function cells(tally: Tally): TableCell[] {
  return [
    dumpsCell(tally),
    faultsCell(tally),
    tally.untranslated.most === 0
      ? '-'
      : { text: `${Math.round(tally.untranslated.median)}`, severity: 'warning' },
    tally.changedPages.most === 0 ? '-' : `${tally.changedPages.median}`,
    countCell(tally.displayLost, tally.runs),
    secondsCell(tally.panicToDumpMs),
  ];
}
