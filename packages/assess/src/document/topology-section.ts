import type { ReportSection, TopologyNode } from '@quiesce/report';
import type { AssessedFunction, Assessment } from '../result/assessment.ts';
import { crashText } from './function-sections.ts';

/** The machine drawn, with what is at risk marked on it. Chipset functions that do nothing are left out. */
export function topologySection({ functions, machine }: Assessment): ReportSection | undefined {
  if (functions.length === 0) return undefined;
  const children = new Map<string, AssessedFunction[]>();
  for (const one of functions) {
    const parent = one.path.at(-1) ?? rootOf(one);
    children.set(parent, [...(children.get(parent) ?? []), one]);
  }
  const node = (one: AssessedFunction): TopologyNode => {
    const below = (children.get(one.name) ?? []).filter(isShown).map(node);
    return {
      id: one.name,
      label: `${one.name.replace(/^0000:/, '')} ${one.label ?? one.id}`,
      kind: one.className,
      ...(one.severity === 'good' ? {} : { severity: one.severity }),
      ...(one.coverage.unit === undefined ? {} : { unit: one.coverage.unit }),
      marks: marksOf(one, machine.units.length > 0),
      details: [
        ...one.statements.map(({ text }) => text),
        ...(one.masters ? [`In a crash: ${crashText(one)}.`] : []),
      ],
      children: below,
    };
  };
  const isShown = (one: AssessedFunction): boolean =>
    one.masters ||
    (one.role !== undefined && !one.poweredOff) ||
    (children.get(one.name) ?? []).some(isShown);
  const roots = [...new Set(functions.filter((one) => one.path.length === 0 && isShown(one)).map(rootOf))];
  return {
    title: 'The machine, and what is at risk on it',
    blocks: [
      {
        kind: 'topology',
        roots: roots.map((root) => ({
          id: root,
          label: root,
          kind: 'root bus',
          marks: [],
          details: [],
          children: (children.get(root) ?? []).filter(isShown).map(node),
        })),
      },
    ],
  };
}

/** `0000:00`: segment and bus. */
function rootOf({ name }: AssessedFunction): string {
  return name.slice(0, name.lastIndexOf(':'));
}

function marksOf(one: AssessedFunction, hasUnits: boolean): string[] {
  const topics = new Set(
    one.statements.filter(({ severity }) => severity === 'warning').map(({ topic }) => topic),
  );
  return [
    ...(one.role === undefined ? [] : [one.role]),
    ...(topics.has('rmrr') ? ['RMRR'] : []),
    ...(topics.has('ats') ? ['ATS'] : []),
    ...(hasUnits && one.masters && one.coverage.unit === undefined ? ['no unit'] : []),
    ...(one.masters && one.resets.length === 0 ? ['no reset'] : []),
    ...(one.poweredOff ? ['powered off'] : []),
  ];
}
