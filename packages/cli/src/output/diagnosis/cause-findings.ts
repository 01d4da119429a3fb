import type { Diagnosis, LikelyCause } from '@quiesce/diagnose';
import type { Evidence, Finding, ReportSection, Severity } from '@quiesce/report';
import { isCrashKernelInTrouble } from './crash-kernel-trouble.ts';
import { quotedLines } from './quoted-lines.ts';

/** Causes that are told in full: the best ones. */
const TOLD = 3;
const MOST_QUOTES = 3;
/** A cause that fits worse than this share of the best one is told in the table only. */
const SHARE_OF_BEST = 0.6;

/** Likely causes: the best in full, with lines, doubts and what to do; the others as a table that most readers skip. */
export function causeSections(
  diagnosis: Diagnosis,
  titles: ReadonlyMap<string, string>,
  nextCommands: readonly string[],
): ReportSection[] {
  const { causes } = diagnosis;
  const best = causes[0]?.fit ?? 0;
  const told = causes.filter((cause, index) => index < TOLD && cause.fit >= best * SHARE_OF_BEST);
  const others = causes.filter((cause) => !told.includes(cause));
  if (told.length === 0) return [];
  const lines = quotedLines(diagnosis);
  const quoted = new Set<number>();
  const worst = isCrashKernelInTrouble(diagnosis) ? 'critical' : 'warning';
  const calm = diagnosis.verdict === 'none';
  const findings = told.map((cause): Finding => {
    const { quotes, numbers } = logEvidence(cause, lines, quoted);
    const evidence = [...quotes, ...caseEvidence(cause, titles), ...numbers];
    const severity = calm ? 'note' : severityOf(cause.fit, cause === told[0] ? worst : 'warning');
    const commands = [
      ...(cause.replay === undefined ? [] : [cause.replay]),
      ...(cause === told[0] ? nextCommands : []),
    ];
    return { ...findingOf(cause), severity, evidence, commands };
  });
  const sections: ReportSection[] = [
    {
      title: calm ? 'Nothing failed, but worth knowing' : 'Likely causes, the best fit first',
      blocks: [{ kind: 'findings', findings }],
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

function findingOf(cause: LikelyCause): Pick<Finding, 'title' | 'text' | 'facts'> {
  return {
    title: `${cause.title} (fit ${cause.fit.toFixed(2)})`,
    text: cause.explanation,
    facts: [
      { name: 'Seen', value: `${cause.seen.join('; ')}.` },
      ...(cause.against.length === 0 ? [] : [{ name: 'Against it', value: `${cause.against.join('; ')}.` }]),
      { name: 'To confirm', value: cause.confirm.join(' ') },
      { name: 'What to do', value: cause.remedy.join(' ') },
    ],
  };
}

function severityOf(fit: number, worst: Severity): Severity {
  return fit >= 0.6 ? worst : fit >= 0.4 ? 'warning' : 'note';
}

/** Lines of which the words are known and not `quoted` yet, equal ones together; and the numbers of the others. */
function logEvidence(
  cause: LikelyCause,
  lines: ReadonlyMap<number, string>,
  quoted: Set<number>,
): { readonly quotes: Evidence[]; readonly numbers: Evidence[] } {
  const byText = new Map<string, number[]>();
  for (const line of cause.lines) {
    const text = lines.get(line);
    if (text === undefined || quoted.has(line)) continue;
    const same = byText.get(text);
    if (same !== undefined) same.push(line);
    else if (byText.size < MOST_QUOTES) byText.set(text, [line]);
  }
  const shown = new Set([...byText.values()].flat());
  for (const line of shown) quoted.add(line);
  const others = cause.lines.filter((line) => !shown.has(line));
  const quotes = [...byText].map(([text, numbers]): Evidence => ({ source: numbersOf(numbers), text }));
  return { quotes, numbers: others.length === 0 ? [] : [{ source: numbersOf(others) }] };
}

function numbersOf(lines: readonly number[]): string {
  const more = lines.length > 8 ? ` and ${lines.length - 8} more` : '';
  return `line${lines.length === 1 ? '' : 's'} ${lines.slice(0, 8).join(', ')}${more}`;
}

function caseEvidence(cause: LikelyCause, titles: ReadonlyMap<string, string>): Evidence[] {
  return cause.cases.slice(0, 3).map((id) => {
    const title = titles.get(id);
    return { source: `case ${id}`, ...(title === undefined ? {} : { text: title }) };
  });
}
