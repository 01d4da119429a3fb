import { printableLine } from '../text/printable.ts';
import type { DrawnNode } from './fold-alike.ts';

/** What a node is called: the first and the last where it stands for several, and what they all are. */
export function drawnName({ node, alike }: DrawnNode): string {
  const first = printableLine(node.label);
  const last = alike.at(-1);
  if (last === undefined) return first;
  const [firstName, firstRest] = parted(first);
  const [lastName, lastRest] = parted(printableLine(last.label));
  const count = `× ${alike.length + 1}`;
  if (firstRest === lastRest) return `${firstName} … ${lastName} ${count}${firstRest}`;
  return `${firstName} … ${lastName} ${count}`;
}

function parted(label: string): [string, string] {
  const end = label.indexOf(' ');
  return end < 0 ? [label, ''] : [label.slice(0, end), label.slice(end)];
}
