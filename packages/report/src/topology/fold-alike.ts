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
  return countNodes(roots) < FOLD_FROM ? roots.map(unfolded) : foldSiblings(roots, formsOf(roots));
}

/** Nodes of a tree. */
export function countNodes(nodes: readonly TopologyNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + countNodes(node.children), 0);
}

function unfolded(node: TopologyNode): DrawnNode {
  return { node, alike: [], children: node.children.map(unfolded) };
}

function foldSiblings(
  siblings: readonly TopologyNode[],
  forms: ReadonlyMap<TopologyNode, number>,
): DrawnNode[] {
  const runs: { form: number | undefined; nodes: TopologyNode[] }[] = [];
  for (const node of siblings) {
    const form = forms.get(node);
    const last = runs.at(-1);
    if (last !== undefined && last.form === form) last.nodes.push(node);
    else runs.push({ form, nodes: [node] });
  }
  return runs.flatMap(({ nodes }) => {
    const [first, ...alike] = nodes as [TopologyNode, ...TopologyNode[]];
    if (nodes.length >= SHORTEST_RUN)
      return [{ node: first, alike, children: foldSiblings(first.children, forms) }];
    return nodes.map((node) => ({ node, alike: [], children: foldSiblings(node.children, forms) }));
  });
}

/** A number for each node, equal for nodes that a drawing need not tell apart. */
function formsOf(roots: readonly TopologyNode[]): ReadonlyMap<TopologyNode, number> {
  const numbers = new Map<string, number>();
  const forms = new Map<TopologyNode, number>();
  const number = (node: TopologyNode): number => {
    const { kind, severity, unit, marks, children } = node;
    const text = JSON.stringify([kind, severity, unit, marks, children.map(number)]);
    const form = numbers.get(text) ?? numbers.size;
    numbers.set(text, form);
    forms.set(node, form);
    return form;
  };
  for (const root of roots) number(root);
  return forms;
}
