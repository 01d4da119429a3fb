import type { ComparedCell } from '../comparison/compared-cell.ts';
import { qemuLimits } from '../comparison/limits.ts';

/** What differs in a cell, in a sentence: what was expected, by which mechanism, and what came. */
export function cellSentence(cell: ComparedCell): string {
  const { subject, phase, kind, predicted, observed, via, limit } = cell;
  const place = `${subject}${phase === null ? '' : ` in ${phase}`}`;
  const said = predicted.length === 0 ? 'nothing' : predicted.join(' or ');
  const parts = [
    `${place}: ${subjects[kind] ?? kind}: the model says ${said}, the kernel ${observed ?? 'nothing'}`,
  ];
  if (cell.counts !== undefined && cell.standing !== 'agrees') {
    parts.push(`counts ${cell.counts.predicted} and ${cell.counts.observed}`);
  }
  if (via !== undefined) parts.push(`the model's first: ${via}`);
  if (limit !== undefined)
    parts.push(`explained: ${qemuLimits.find((one) => one.name === limit)?.reason ?? limit}`);
  return parts.join('; ');
}

const subjects: Readonly<Partial<Record<ComparedCell['kind'], string>>> = {
  faults: 'DMA faults',
  reasons: 'fault reasons',
  command: 'Command register',
  'interrupt-remapping': 'interrupt remapping',
  'root-table': 'root table',
  'interrupt-table': 'interrupt table',
  context: 'context entry',
  verdict: 'device',
  'dump-intact': 'pattern in the dump',
  'dump-changes': 'the dump while it is read',
  stopped: 'second kernel',
};
