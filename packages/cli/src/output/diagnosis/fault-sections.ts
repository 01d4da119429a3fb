import type { Diagnosis, FaultGroup } from '@quiesce/diagnose';
import type { HostFacts, ImportedCapture } from '@quiesce/machine';
import type { ReportSection } from '@quiesce/report';
import { addressWords, kindWords, lineWords, phaseWords, reasonWords, senderWords } from './fault-words.ts';

const MOST_ROWS = 40;

/** What was refused to whom, group by group, and which functions stand behind the requester IDs. */
export function faultSections(diagnosis: Diagnosis, capture: ImportedCapture | undefined): ReportSection[] {
  const { groups } = diagnosis.faults;
  if (groups.length === 0) return [];
  const ordered = [...groups].sort((a, b) => b.count - a.count || a.firstLine - b.firstLine);
  const sections: ReportSection[] = [
    { title: 'Faults', blocks: [faultTable(diagnosis, ordered.slice(0, MOST_ROWS))] },
  ];
  if (ordered.length > MOST_ROWS) {
    const rest = ordered.slice(MOST_ROWS);
    const count = rest.reduce((sum, group) => sum + group.count, 0);
    sections[0] = {
      ...(sections[0] as ReportSection),
      blocks: [
        ...(sections[0] as ReportSection).blocks,
        {
          kind: 'text',
          text: `${rest.length} smaller groups with ${count} faults are left out here; -f json has them.`,
        },
      ],
    };
  }
  const damaged = diagnosis.faults.first.filter((fault) => fault.damage.length > 0);
  if (damaged.length > 0) {
    sections.push({
      title: 'Faults read past damage',
      detail: true,
      blocks: [
        {
          kind: 'table',
          columns: [{ name: 'line', align: 'right' }, { name: 'requester' }, { name: 'damage' }],
          rows: damaged
            .slice(0, MOST_ROWS)
            .map((fault) => [`${fault.line}`, senderWords(fault), fault.damage.join(', ')]),
        },
      ],
    });
  }
  return [...sections, ...tieSections(diagnosis, capture?.host.drivers ?? {})];
}

function faultTable(diagnosis: Diagnosis, groups: readonly FaultGroup[]): ReportSection['blocks'][number] {
  const hasTies = diagnosis.ties.length > 0;
  const several = diagnosis.kernels.length > 1;
  const hasPhases = groups.some((group) => group.phase !== 'unknown');
  return {
    kind: 'table',
    columns: [
      { name: 'requester' },
      ...(hasTies ? [{ name: 'function', rank: 3 }] : []),
      { name: 'what' },
      { name: 'addresses' },
      { name: 'reason' },
      { name: 'count', align: 'right' as const },
      ...(several ? [{ name: 'kernel', align: 'right' as const, rank: 4 }] : []),
      ...(hasPhases ? [{ name: 'phase', rank: 2 }] : []),
      { name: 'lines', align: 'right' as const, rank: 5 },
    ],
    rows: groups.map((group) => {
      const { example } = group;
      const requester = senderWords(example);
      const tie = diagnosis.ties.find((one) => one.requester === requester);
      const [first, ...others] = tie?.functions ?? [];
      const functions =
        first === undefined ? (tie?.how ?? '') : `${first}${others.length > 0 ? ` +${others.length}` : ''}`;
      return [
        requester,
        ...(hasTies ? [functions] : []),
        kindWords(example),
        addressWords(group),
        reasonWords(example),
        `${group.count}`,
        ...(several ? [`${group.kernel + 1}`] : []),
        ...(hasPhases ? [phaseWords(group.phase)] : []),
        lineWords(group.firstLine, group.lastLine),
      ];
    }),
  };
}

function tieSections(diagnosis: Diagnosis, drivers: HostFacts['drivers']): ReportSection[] {
  if (diagnosis.ties.length === 0) return [];
  const hasUnits = diagnosis.ties.some((tie) => tie.units !== undefined);
  const hasRegions = diagnosis.ties.some((tie) => tie.reservedRegions !== undefined);
  const withDriver = (name: string): string => {
    const driver = drivers[name]?.value;
    return driver === undefined ? name : `${name} (${driver})`;
  };
  return [
    {
      title: 'Who stands behind the requester IDs',
      blocks: [
        {
          kind: 'table',
          columns: [
            { name: 'requester' },
            { name: Object.keys(drivers).length > 0 ? 'is (its driver)' : 'is' },
            ...(hasUnits ? [{ name: 'unit', rank: 2 }] : []),
            ...(hasRegions ? [{ name: 'reserved regions', rank: 1 }] : []),
            { name: 'how that is known' },
          ],
          rows: diagnosis.ties
            .slice(0, MOST_ROWS)
            .map((tie) => [
              tie.requester,
              tie.functions.length > 0 ? few(tie.functions.map(withDriver)) : tie.how.replace(/-/g, ' '),
              ...(hasUnits ? [few(tie.units ?? [])] : []),
              ...(hasRegions ? [few(tie.reservedRegions ?? [])] : []),
              tie.explanation,
            ]),
        },
      ],
    },
  ];
}

function few(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
