import type { TopologyNode } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printableLine } from '../text/printable.ts';
import { cutToWidth, textWidth } from '../text/text-width.ts';
import { wrapWords } from '../text/wrap-words.ts';
import { drawnName } from '../topology/drawn-name.ts';
import { type DrawnNode, foldAlike } from '../topology/fold-alike.ts';
import type { Ink } from './ink.ts';

/** Names are not cut to less than this: a line is wrapped then. */
const SHORTEST_NAME = 16;

/** A topology as a tree of lines. */
export function terminalTree(roots: readonly TopologyNode[], width: number, ink: Ink): string[] {
  const lines: string[] = [];
  const add = (drawn: DrawnNode, branch: string, below: string): void => {
    const { node } = drawn;
    const room = width - branch.length - 2;
    const [first = '', ...others] = wrapWords(nodeLine(drawn, room), room);
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

/** A node in one line: sign, name, kind, marks. The name gives way to the others. */
function nodeLine(drawn: DrawnNode, width: number): string {
  const { severity, kind, marks } = drawn.node;
  const sign = severity === undefined ? '' : `${severityWords[severity].sign} `;
  const about = printableLine(kind) === '' ? '' : ` (${printableLine(kind)})`;
  const after = about + marks.map((mark) => ` [${printableLine(mark)}]`).join('');
  const name = cutToWidth(drawnName(drawn), Math.max(SHORTEST_NAME, width - textWidth(sign + after)));
  return sign + name + after;
}
