import type { RecordResult, ReplayedCase, ReplayedStatement } from '@quiesce/record';
import Table from 'cli-table3';
import pc from 'picocolors';
import { countOf } from './quantity.ts';
import { predictedShare, verdictWord } from './record-verdict.ts';
import { borderless, linesOf } from './table-style.ts';
import { wrapText } from './wrap-text.ts';

/** Characters that the columns beside the title take, gaps included; and that of the reporter's name. */
const BESIDE_TITLE = 46;
const NAME_COLUMN = 11;
/** From this width on there is room for names. */
const WIDE = 100;

/** The whole record, a line a case, and what disagrees below. Long titles go on in a second line. */
export function recordTable(result: RecordResult, width: number): string {
  const groups = new Map<string, ReplayedCase[]>();
  for (const one of result.cases) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const named = width >= WIDE;
  const room = Math.max(30, width - BESIDE_TITLE - (named ? NAME_COLUMN : 0));
  const heads = ['reported', ...(named ? ['by'] : []), 'what', 'laboratory', 'flips'];
  const table = new Table(borderless(heads.map(() => 'left')));
  table.push(heads.map((head) => pc.dim(head)));
  for (const [group, cases] of groups) {
    table.push([{ content: pc.bold(group), colSpan: heads.length }]);
    for (const one of cases) {
      table.push([
        `  ${one.date}`,
        ...(named ? [surname(one.by)] : []),
        wrapText(one.title, room).trimEnd(),
        `${coloured(verdictWord(one))}${predictedShare(one)}`,
        flipMark(one),
      ]);
    }
  }
  return `${[...linesOf(table), ...complaints(result.cases), '', totalsLine(result)].join('\n')}\n`;
}

/** Whether the case comes out otherwise without its cause. */
function flipMark(one: ReplayedCase): string {
  if (one.counterfactual === null) return '';
  return one.counterfactual.flips ? 'yes' : pc.red('no');
}

function surname(by: string): string {
  return by.split(' ').at(-1) ?? '';
}

/** `61 cases: 55 agree, …` */
export function totalsLine({ totals, cases }: RecordResult): string {
  const predictions = cases.filter((one) => one.standing === 'prediction' && one.verdict === 'agrees').length;
  const tested = cases.filter((one) => one.counterfactual !== null).length;
  const parts = [
    `${totals.agrees - predictions} agree`,
    `${totals.disagrees} disagree`,
    `${totals.unexplained} unexplained`,
    countOf(predictions, 'prediction'),
    ...(totals.failed > 0 ? [`${totals.failed} failed`] : []),
  ];
  return [
    `${countOf(totals.cases, 'case')}: ${parts.join(', ')}.`,
    `${totals.flips} of ${tested} flip: without their cause they come out otherwise.`,
    `${totals.crashes.toLocaleString('en-US')} crashes.`,
  ].join(' ');
}

function complaints(cases: readonly ReplayedCase[]): string[] {
  const lines: string[] = [];
  for (const one of cases) {
    if (one.verdict === 'failed') lines.push(pc.red(`${one.id}: ${one.reason}`));
    if (one.verdict === 'disagrees') {
      lines.push(pc.red(`${one.id} disagrees:`), ...failing(one.statements));
      if (one.reason !== null) lines.push(`  ${one.reason}`);
    }
    if (one.counterfactual?.flips !== false) continue;
    lines.push(pc.red(`${one.id} does not change without its cause:`));
    if (one.counterfactual.failing === null) lines.push('  all of its statements still hold');
    lines.push(...failing(one.counterfactual.statements));
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

function failing(statements: readonly ReplayedStatement[]): string[] {
  return statements
    .filter((each) => !each.agrees)
    .map((each) => `  ${each.says}: in ${each.held} of ${each.runs}; there is ${each.example}`);
}

function coloured(verdict: string): string {
  if (verdict === 'agrees') return pc.green(verdict);
  if (verdict === 'disagrees' || verdict === 'failed') return pc.red(verdict);
  return pc.yellow(verdict);
}
