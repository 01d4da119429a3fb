import type { TopologyNode } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printableLine } from '../text/printable.ts';
import { cutToWidth, textWidth } from '../text/text-width.ts';
import { drawnName } from '../topology/drawn-name.ts';
import type { DrawnNode } from '../topology/fold-alike.ts';

/** Pixels. Labels are drawn in a font of fixed width, so that their size is known. */
export const GEOMETRY = {
  character: 7.25,
  smallCharacter: 6.3,
  row: 27,
  height: 22,
  gap: 26,
  indent: 26,
  padding: 9,
} as const;

/** Longer names are cut; the whole one is in the tooltip and in the list. */
const LONGEST_LABEL = 44;

/** What has something to its right leaves room for it. */
const LONGEST_INNER_LABEL = 13;
const LONGEST_INNER_MARK = 12;
const LONGEST_MARK = 24;

/** A piece of text inside of a node, with its place from the node's left edge. */
interface PlacedText {
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

/** A node with its place. */
export interface PlacedNode {
  readonly drawn: DrawnNode;
  readonly x: number;
  /** Top of the node. */
  readonly y: number;
  readonly width: number;
  readonly label: PlacedText;
  readonly kind: PlacedText;
  readonly marks: readonly PlacedText[];
  readonly children: readonly PlacedNode[];
}

/** Several trees with common columns; each has its own height, from 0. */
export interface TopologyLayout {
  readonly width: number;
  readonly trees: readonly { readonly root: PlacedNode; readonly height: number }[];
}

/**
 * Left to right; a root stands above its children, to leave them its room, and any other parent beside its first child.
 * Leaves may be as long as they like.
 */
export function layOutTopology(roots: readonly DrawnNode[]): TopologyLayout {
  const columns: number[] = [];
  const measure = (drawn: DrawnNode, depth: number): void => {
    if (drawn.children.length > 0) columns[depth] = Math.max(columns[depth] ?? 0, contentOf(drawn).width);
    else columns[depth] ??= 0;
    for (const child of drawn.children) measure(child, depth + 1);
  };
  for (const root of roots) measure(root, 0);
  const lefts = [1];
  for (const [depth, width] of columns.entries()) {
    lefts.push((lefts[depth] ?? 0) + (depth === 0 ? GEOMETRY.indent : width + GEOMETRY.gap));
  }

  let right = 0;
  const trees = roots.map((drawn) => {
    let row = 0;
    const place = (one: DrawnNode, depth: number): PlacedNode => {
      const x = lefts[depth] ?? 0;
      const y = row * GEOMETRY.row + 2;
      if (depth === 0 || one.children.length === 0) row++;
      const children = one.children.map((child) => place(child, depth + 1));
      const { width, ...content } = contentOf(one);
      right = Math.max(right, x + width);
      return { drawn: one, x, y, width, children, ...content };
    };
    const root = place(drawn, 0);
    return { root, height: row * GEOMETRY.row + 2 };
  });
  return { width: Math.ceil(right) + 1, trees };
}

/** What a drawing tells of a node besides its name, in words. */
export function aboutNode({ severity, kind, marks, unit }: TopologyNode): string {
  const parts = [
    severity === undefined ? '' : severityWords[severity].word.toLowerCase(),
    printableLine(kind),
    ...marks.map(printableLine),
    unit === undefined ? '' : `unit ${printableLine(unit)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

/** Whole words, as many as there is room for: the function's name, before what it is. */
function innerName(name: string): string {
  if (textWidth(name) <= LONGEST_INNER_LABEL) return name;
  const [first = '', ...others] = name.split(' ');
  let kept = cutToWidth(first, LONGEST_INNER_LABEL);
  for (const word of others) {
    if (textWidth(`${kept} ${word}`) > LONGEST_INNER_LABEL) break;
    kept += ` ${word}`;
  }
  return kept.endsWith('…') ? kept : `${kept} …`;
}

function contentOf(drawn: DrawnNode): Omit<PlacedNode, 'drawn' | 'x' | 'y' | 'children'> {
  const { node } = drawn;
  const inner = drawn.children.length > 0;
  let x: number = GEOMETRY.padding;
  if (node.severity !== undefined) x += 17;
  const put = (text: string, character: number, around: number, after: number): PlacedText => {
    const width = textWidth(text) * character + around * 2;
    const placed = { text, x: Math.round(x * 10) / 10, width: Math.round(width * 10) / 10 };
    x += text === '' ? 0 : width + after;
    return placed;
  };
  const label = put(
    inner ? innerName(drawnName(drawn)) : cutToWidth(drawnName(drawn), LONGEST_LABEL),
    GEOMETRY.character,
    0,
    8,
  );
  const kind = put(cutToWidth(printableLine(node.kind), LONGEST_MARK), GEOMETRY.smallCharacter, 0, 8);
  const marks = node.marks.map((mark) =>
    put(
      cutToWidth(printableLine(mark), inner ? LONGEST_INNER_MARK : LONGEST_MARK),
      GEOMETRY.smallCharacter,
      5,
      5,
    ),
  );
  return { label, kind, marks, width: Math.round(x + GEOMETRY.padding - 6) };
}
