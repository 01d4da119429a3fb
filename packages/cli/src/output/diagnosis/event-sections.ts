import type { Diagnosis, LogEvent } from '@quiesce/diagnose';
import type { ReportSection } from '@quiesce/report';
import { phaseWords } from './fault-words.ts';

const MOST_EVENTS = 30;
const MOST_NOTES = 60;

/** Kinds that accompany faults, or that the tables of kernels and hardware say already. */
const quiet: readonly LogEvent['kind'][] = ['fault-status', 'suppressed', 'device-dump'];

/** What else happened, and what was not taken for a fault. */
export function eventSections(diagnosis: Diagnosis): ReportSection[] {
  const loud = diagnosis.events.filter((event) => !quiet.includes(event.kind));
  const sections: ReportSection[] = [];
  if (loud.length > 0) sections.push(eventSection('Events', loud.slice(0, MOST_EVENTS), false));
  const rest = [
    ...loud.slice(MOST_EVENTS),
    ...diagnosis.events.filter((event) => quiet.includes(event.kind)),
  ];
  if (rest.length > 0) sections.push(eventSection('Further events', rest.slice(0, 200), true));
  if (diagnosis.notes.length > 0) {
    sections.push({
      title: 'Not taken for faults, or not readable',
      detail: true,
      blocks: [
        {
          kind: 'table',
          columns: [{ name: 'line', align: 'right' }, { name: 'why' }],
          rows: diagnosis.notes
            .slice(0, MOST_NOTES)
            .map(({ line, message }) => [line > 0 ? `${line}` : '', message]),
        },
        ...(diagnosis.notes.length > MOST_NOTES
          ? [
              {
                kind: 'text' as const,
                text: `${diagnosis.notes.length - MOST_NOTES} further notes: -f json has them.`,
              },
            ]
          : []),
      ],
    });
  }
  return sections;
}

function eventSection(title: string, events: readonly LogEvent[], detail: boolean): ReportSection {
  return {
    title,
    ...(detail ? { detail } : {}),
    blocks: [
      {
        kind: 'table',
        columns: [
          { name: 'line', align: 'right' },
          { name: 'kernel', align: 'right', rank: 1 },
          { name: 'phase', rank: 0 },
          { name: 'what' },
          { name: 'message' },
        ],
        rows: events.map((event) => [
          `${event.line}`,
          `${event.kernel + 1}`,
          phaseWords(event.phase),
          event.kind.replace(/-/g, ' '),
          event.text,
        ]),
      },
    ],
  };
}
