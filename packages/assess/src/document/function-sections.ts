import type { Finding, ReportSection, TableCell } from '@quiesce/report';
import type { AssessedFunction, Assessment } from '../result/assessment.ts';

/** Functions that master the bus as a table, and every statement about every function with its evidence. */
export function functionSections({ functions }: Assessment): ReportSection[] {
  if (functions.length === 0) return [];
  const masters = functions.filter(({ masters }) => masters);
  const told = functions.filter(({ statements, isBridge }) => !isBridge && statements.length > 0);
  return [
    {
      title: 'Functions that master the bus',
      detail: true,
      blocks: [
        {
          kind: 'table',
          columns: [
            { name: 'Function' },
            { name: 'Kind' },
            { name: 'Driver', rank: 2 },
            { name: 'Unit', rank: 4 },
            { name: 'Interrupt', rank: 1 },
            { name: 'Reset' },
            { name: 'In a crash', rank: 3 },
          ],
          rows: masters.map(rowOf),
          empty: 'none does',
        },
      ],
    },
    {
      title: 'Function by function, with evidence',
      detail: true,
      blocks: told.map((one) => ({ kind: 'findings', findings: findingsOf(one) })),
    },
  ];
}

function rowOf(one: AssessedFunction): TableCell[] {
  const { name, severity, role } = one;
  return [
    { text: name, severity },
    role === undefined ? one.className : `${one.className}, ${role}`,
    one.driver ?? (one.driven.firstKernel ? 'yes' : '-'),
    one.coverage.unit ?? '-',
    one.interrupt,
    resetText(one),
    crashText(one),
  ];
}

/** `function-level`, `hot reset with 2 others`, `out of reach`. */
export function resetText({ resets }: AssessedFunction): TableCell {
  const [first] = resets;
  if (first === undefined) return { text: 'out of reach', severity: 'note' };
  const others = first.collateral.length;
  const grave = first.collateral.find(({ severity }) => severity !== 'note');
  const text = `${first.kind.replace('-', ' ')}${others === 0 ? '' : ` with ${others} other${others === 1 ? '' : 's'}`}`;
  return grave === undefined ? text : { text: `${text} (${grave.what})`, severity: 'warning' };
}

/** What it did in simulated crashes, or why it did nothing. */
export function crashText({ inCrashes, simulated, masters }: AssessedFunction): string {
  if (inCrashes === undefined) return simulated ? 'nothing of note' : masters ? 'not simulated' : '-';
  const said = [
    [inCrashes.dmaFaults, 'DMA faults'],
    [inCrashes.interruptFaults, 'interrupt faults'],
    [inCrashes.untranslated, 'untranslated requests'],
    [inCrashes.corruptedBytes, 'stray bytes'],
  ] as const;
  const parts = said.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (inCrashes.driverFailed > 0) parts.push(`driver failed in ${inCrashes.driverFailed}`);
  if (inCrashes.undriven > 0) parts.push(`goes on without a driver in ${inCrashes.undriven}`);
  return parts.length === 0 ? 'nothing of note' : parts.join(', ');
}

function findingsOf(one: AssessedFunction): Finding[] {
  const named = `${one.name} ${one.label ?? `${one.className} ${one.id}`}`;
  return one.statements.map(({ severity, text, evidence }, index) => ({
    severity,
    title: index === 0 ? named : `${one.name}, more`,
    text,
    evidence,
  }));
}
