import type { CaseStory, RecordCase, ReplayedCase, ReplayedStatement } from '@quiesce/record';
import Table from 'cli-table3';
import pc from 'picocolors';
import { shortCount } from './quantity.ts';
import { verdictWord } from './record-verdict.ts';
import { runStory } from './run-story.ts';
import { borderless, linesOf } from './table-style.ts';
import { wrapText } from './wrap-text.ts';

/** A case: what was reported, one crash as the kernels logged it, and what the laboratory makes of it. */
export function caseStory(one: RecordCase, replayed: ReplayedCase, story: CaseStory, width: number): string {
  const wrap = (text: string): string => wrapText(text, Math.min(width, 100), '  ').trimEnd();
  const lines = [pc.bold(one.title), `${one.id}, ${one.standing}`, ''];
  for (const { where, by, date } of one.sources) {
    lines.push(wrap([by, where, date].filter((part) => part !== undefined).join(', ')));
  }
  lines.push('', pc.bold('Reported'), wrap(one.reported));
  if (one.reading !== undefined) lines.push('', pc.bold('How it was read'), wrap(one.reading));
  if (one.unexplained !== undefined) lines.push('', pc.bold('Unexplained'), wrap(one.unexplained));
  const kernels = story.kernels.join(' > ');
  const options = JSON.stringify(one.strategy.options ?? {});
  const changed = (one.machine.changes ?? []).length > 0 ? ', changed as its file says' : '';
  lines.push('', pc.bold('Set up'));
  lines.push(
    `  ${one.machine.preset}${changed}; ${kernels}; ${story.strategy} ${options === '{}' ? '' : options}`.trimEnd(),
  );
  lines.push('', pc.bold('One crash'), '');
  const { machine, strategy, seed, outcome, log } = story;
  const run = { strategy, kernel: kernels, seed, outcome, failure: outcome.strategyFailure };
  lines.push(runStory({ run, log }, machine));
  lines.push(pc.bold('Phase by phase, what each added'), ...phaseLines(story), '');
  lines.push(pc.bold(`Over ${replayed.statements[0]?.runs ?? 0} instants: ${verdictWord(replayed)}`));
  lines.push(...statementLines(replayed.statements));
  const { counterfactual } = replayed;
  if (counterfactual !== null) {
    lines.push('', pc.bold('Without its cause'), wrap(counterfactual.cause));
    lines.push(...statementLines(counterfactual.statements));
    const { failing, flips } = counterfactual;
    if (flips) lines.push(pc.green(`  the outcome changes: "${failing}" holds no more`));
    else lines.push(pc.red('  the outcome does not change'));
  }
  return `${lines.join('\n')}\n`;
}

function phaseLines({ steps }: CaseStory): string[] {
  const table = new Table(borderless(['left', 'right', 'right', 'right', 'right', 'right']));
  const heads = ['  ', 'ms after panic', 'DMA faults', 'IRQ faults', 'system errors', 'old bytes'];
  table.push(heads.map((head) => pc.dim(head)));
  for (const step of steps) {
    const counts = [step.dmaFaults, step.interruptFaults, step.systemErrors, step.leftoverBytes];
    table.push([
      `  ${step.phase}`,
      step.atMs.toFixed(0),
      ...counts.map((count) => (count === 0 ? '' : shortCount(count))),
    ]);
  }
  return linesOf(table);
}

function statementLines(statements: readonly ReplayedStatement[]): string[] {
  return statements.map((each) => {
    const mark = each.agrees ? pc.green('✓') : pc.red('✗');
    return `  ${mark} ${each.says}: in ${each.held} of ${each.runs}${each.agrees ? '' : `; there is ${each.example}`}`;
  });
}
