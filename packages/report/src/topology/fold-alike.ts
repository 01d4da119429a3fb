import type { TopologyNode } from '../document.ts';

/** A node as it is drawn: itself, or one for several siblings that look the same. */
export interface DrawnNode {
  readonly node: TopologyNode;
  /** Siblings that this node stands for besides itself. */
  readonly alike: readonly TopologyNode[];
  readonly children: readonly DrawnNode[];
}

/** Drawings up to this many nodes show each. */
const FOLD_FROM = 40;

/** Shorter runs of siblings are drawn one by one. */
const SHORTEST_RUN = 3;

/** A tree to draw: where there are many nodes, neighbours with the same kind, marks and sub-tree become one. */
export function foldAlike(roots: readonly TopologyNode[]): DrawnNode[] {
  return countNodes(roots) < FOLD_FROM ? roots.map(unfolded) : foldSiblings(roots);
}

/** Nodes of a tree. */
export function countNodes(nodes: readonly TopologyNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + countNodes(node.children), 0);
}

function unfolded(node: TopologyNode): DrawnNode {
  return { node, alike: [], children: node.children.map(unfolded) };
}

function foldSiblings(siblings: readonly TopologyNode[]): DrawnNode[] {
  const runs: { form: string; nodes: TopologyNode[] }[] = [];
  for (const node of siblings) {
    const form = formOf(node);
    const last = runs.at(-1);
    if (last?.form === form) last.nodes.push(node);
    else runs.push({ form, nodes: [node] });
  }
  return runs.flatMap(({ nodes }) => {
    const [first, ...alike] = nodes as [TopologyNode, ...TopologyNode[]];
    if (nodes.length >= SHORTEST_RUN) return [{ node: first, alike, children: foldSiblings(first.children) }];
    return nodes.map((node) => ({ node, alike: [], children: foldSiblings(node.children) }));
  });
}

/** Equal for nodes that a drawing need not tell apart. */
function formOf(node: TopologyNode): string {
  const { kind, severity, unit, marks, children } = node;
  return JSON.stringify([kind, severity, unit, marks, children.map(formOf)]);
}
