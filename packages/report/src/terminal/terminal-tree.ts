import type { TopologyNode } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printableLine } from '../text/printable.ts';
import { wrapWords } from '../text/wrap-words.ts';
import { type DrawnNode, foldAlike } from '../topology/fold-alike.ts';
import type { Ink } from './ink.ts';

/** A topology as a tree of lines. */
export function terminalTree(roots: readonly TopologyNode[], width: number, ink: Ink): string[] {
  const lines: string[] = [];
  const add = (drawn: DrawnNode, branch: string, below: string): void => {
    const { node } = drawn;
    const [first = '', ...others] = wrapWords(nodeLine(drawn), width - branch.length - 2);
    lines.push(branch + (node.severity === undefined ? first : ink.severity(node.severity, first)));
    const trunk = drawn.children.length > 0 ? '│ ' : '  ';
    lines.push(...others.map((line) => ink.dim(below) + trunk + line));
    for (const [index, child] of drawn.children.entries()) {
      const last = index === drawn.children.length - 1;
      add(child, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`);
    }
  };
  for (const root of foldAlike(roots)) add(root, '', '');
  return lines;
}

/** A node in one line: sign, name, kind, marks. */
export function nodeLine({ node, alike }: DrawnNode): string {
  const sign = node.severity === undefined ? '' : `${severityWords[node.severity].sign} `;
  const last = alike.at(-1);
  const name = printableLine(node.label);
  const names =
    last === undefined ? name : `${name} … ${printableLine(last.label)}, ${alike.length + 1} alike`;
  const kind = printableLine(node.kind);
  const marks = node.marks.map((mark) => ` [${printableLine(mark)}]`).join('');
  return `${sign}${names}${kind === '' ? '' : ` (${kind})`}${marks}`;
}
