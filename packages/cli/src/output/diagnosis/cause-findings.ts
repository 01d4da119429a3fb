import type { Diagnosis, LikelyCause } from '@quiesce/diagnose';
import type { Evidence, Finding, ReportSection, Severity } from '@quiesce/report';
import { quotedLines } from './quoted-lines.ts';

/** Causes that are told in full: the best ones. */
const TOLD = 3;
const MOST_QUOTES = 5;
/** A cause that fits worse than this share of the best one is told in the table only. */
const SHARE_OF_BEST = 0.5;

/** Likely causes: the best in full, with lines, doubts and what to do; the others as a table that most readers skip. */
export function causeSections(diagnosis: Diagnosis, titles: ReadonlyMap<string, string>): ReportSection[] {
  const { causes } = diagnosis;
  const best = causes[0]?.fit ?? 0;
  const told = causes.filter((cause, index) => index < TOLD && cause.fit >= best * SHARE_OF_BEST);
  const others = causes.filter((cause) => !told.includes(cause));
  if (told.length === 0) return [];
  const lines = quotedLines(diagnosis);
  const sections: ReportSection[] = [
    {
      title: 'Likely causes, the best fit first',
      blocks: [{ kind: 'findings', findings: told.map((cause) => findingOf(cause, lines, titles)) }],
    },
  ];
  if (others.length === 0) return sections;
  sections.push({
    title: 'Other causes that were considered',
    detail: true,
    blocks: [
      {
        kind: 'table',
        columns: [{ name: 'fit', align: 'right' }, { name: 'cause' }, { name: 'against it', rank: 1 }],
        rows: others.map((cause) => [cause.fit.toFixed(2), cause.title, cause.against.join('; ')]),
      },
    ],
  });
  return sections;
}

function findingOf(
  cause: LikelyCause,
  lines: ReadonlyMap<number, string>,
  titles: ReadonlyMap<string, string>,
): Finding {
  const text = [
    `Seen: ${cause.seen.join('; ')}.`,
    cause.explanation,
    ...(cause.against.length === 0 ? [] : [`Against it: ${cause.against.join('; ')}.`]),
    `To confirm: ${cause.confirm.join(' ')}`,
    `What to do: ${cause.remedy.join(' ')}`,
  ].join('\n');
  return {
    severity: severityOf(cause.fit),
    title: `${cause.title} (fit ${cause.fit.toFixed(2)})`,
    text,
    evidence: [...logEvidence(cause, lines), ...caseEvidence(cause, titles)],
    ...(cause.replay === undefined ? {} : { commands: [cause.replay] }),
  };
}

function severityOf(fit: number): Severity {
  return fit >= 0.7 ? 'critical' : fit >= 0.4 ? 'warning' : 'note';
}

/** Lines of which the words are known come first, then the numbers of the others. */
function logEvidence(cause: LikelyCause, lines: ReadonlyMap<number, string>): Evidence[] {
  const known = cause.lines.filter((line) => lines.has(line)).slice(0, MOST_QUOTES);
  const others = cause.lines.filter((line) => !known.includes(line));
  const quotes = known.map((line): Evidence => ({ source: `line ${line}`, text: lines.get(line) ?? '' }));
  if (others.length === 0) return quotes;
  const numbers = others.slice(0, 8).join(', ');
  const more = others.length > 8 ? ` and ${others.length - 8} more` : '';
  return [
    ...quotes,
    {
      source: `${quotes.length === 0 ? '' : 'also '}line${others.length === 1 ? '' : 's'} ${numbers}${more}`,
    },
  ];
}

function caseEvidence(cause: LikelyCause, titles: ReadonlyMap<string, string>): Evidence[] {
  return cause.cases.slice(0, 3).map((id) => {
    const title = titles.get(id);
    return { source: `case ${id}`, ...(title === undefined ? {} : { text: title }) };
  });
}
