import type { TopologyNode } from '../document.ts';
import { severityWords } from '../severity.ts';
import { drawnName } from '../topology/drawn-name.ts';
import { countNodes, foldAlike } from '../topology/fold-alike.ts';
import { type Content, element, type Markup } from './markup.ts';
import { aboutNode, GEOMETRY, layOutTopology, type PlacedNode } from './topology-layout.ts';

/** Units beyond these share colours; their names are told all the same. */
const UNIT_COLOURS = 8;

/** Ids of the nodes' entries in the list. */
type NodeIds = Map<TopologyNode, string>;

/**
 * The topology as a tree, one picture for each root, with a list below that tells the same to those who do not see it,
 * or cannot point at a node.
 */
export function topologyDrawing(roots: readonly TopologyNode[], place: string): Markup {
  if (roots.length === 0) return element('p', { class: 'empty' }, 'No functions.');
  const drawn = foldAlike(roots);
  const layout = layOutTopology(drawn);
  const units = [...new Set(roots.flatMap(unitsOf))];
  const ids: NodeIds = new Map();
  const number = (node: TopologyNode): void => {
    ids.set(node, `${place}-${ids.size + 1}`);
    for (const child of node.children) number(child);
  };
  for (const root of roots) number(root);
  const pictures = layout.trees.map(({ root, height }) => [
    element(
      'svg',
      {
        class: 'topology',
        role: 'group',
        'aria-label': `${drawnName(root.drawn)}; ${countNodes([root.drawn.node]) - 1} below it`,
        width: layout.width,
        height,
        viewBox: `0 0 ${layout.width} ${height}`,
      },
      lines(root),
      boxes(root, units, ids),
    ),
    '\n',
  ]);
  return element(
    'figure',
    { class: 'drawing' },
    element('div', { class: 'scroll', role: 'group', 'aria-label': 'Topology', tabindex: 0 }, pictures),
    legend(units),
    element(
      'details',
      { class: 'list' },
      element('summary', {}, `Each of the ${countNodes(roots)} nodes in words`),
      nodeList(roots, ids),
    ),
  );
}

function unitsOf(node: TopologyNode): string[] {
  return [...(node.unit === undefined ? [] : [node.unit]), ...node.children.flatMap(unitsOf)];
}

/** A trunk beside the parent, and a branch from it to each child. */
function lines(parent: PlacedNode): Content {
  const last = parent.children.at(-1);
  if (last === undefined) return undefined;
  const middle = GEOMETRY.height / 2;
  const bend = last.x - GEOMETRY.gap / 2;
  // Below a root the trunk comes out of its lower edge.
  const below = (parent.children[0] as PlacedNode).y > parent.y;
  const top = parent.y + (below ? GEOMETRY.height : middle);
  const trunk = last.y > parent.y ? `M${bend} ${top}V${last.y + middle}` : '';
  const branches = parent.children.map(
    (child) => `M${child.y === parent.y ? parent.x + parent.width : bend} ${child.y + middle}H${child.x}`,
  );
  return [
    element('path', { class: 'wire', d: `${trunk}${branches.join('')}` }),
    parent.children.map((child) => lines(child)),
  ];
}

function boxes(placed: PlacedNode, units: readonly string[], ids: NodeIds): Content {
  const { drawn, x, y, width, label, kind, marks, children } = placed;
  const { node, alike } = drawn;
  const { severity, unit } = node;
  const baseline = 15;
  const shape = [
    element('title', {}, [drawnName(drawn) + aboutNode(node), ...node.details].join('\n')),
    alike.length === 0
      ? undefined
      : element('rect', { class: 'box', x: 3, y: 3, width, height: GEOMETRY.height, rx: 4 }),
    element('rect', { class: 'box', width, height: GEOMETRY.height, rx: 4 }),
    severity === undefined
      ? undefined
      : element('text', { class: 'sign', x: GEOMETRY.padding, y: baseline }, severityWords[severity].sign),
    unit === undefined
      ? undefined
      : element('rect', { class: unitClass(units.indexOf(unit)), width: 5, height: GEOMETRY.height, rx: 2 }),
    labelText(label.text, label.x, baseline),
    kind.text === '' ? undefined : element('text', { class: 'kind', x: kind.x, y: baseline }, kind.text),
    marks.map((mark) => [
      element('rect', { class: 'mark', x: mark.x, y: 4, width: mark.width, height: 14, rx: 7 }),
      element('text', { class: 'mark', x: mark.x + 5, y: 14.5 }, mark.text),
    ]),
  ];
  const box = element(
    'g',
    { class: `node ${severity ?? 'plain'}`, transform: `translate(${x} ${y})` },
    node.details.length === 0 ? shape : element('a', { href: `#${ids.get(node)}` }, shape),
  );
  return [box, children.map((child) => boxes(child, units, ids))];
}

/** The function's name stands out from what it is. */
function labelText(text: string, x: number, y: number): Markup {
  const name = text.split(' ', 1)[0] ?? '';
  return element('text', { class: 'label', x, y }, element('tspan', {}, name), text.slice(name.length));
}

function unitClass(index: number): string {
  return `unit unit-${(index % UNIT_COLOURS) + 1}`;
}

function legend(units: readonly string[]): Content {
  if (units.length === 0) return undefined;
  const stripe = (index: number): Markup =>
    element(
      'svg',
      { width: 6, height: 14, 'aria-hidden': 'true' },
      element('rect', { class: unitClass(index), width: 6, height: 14, rx: 2 }),
    );
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Remapping units' },
    units.map((unit, index) => element('li', {}, stripe(index), ' ', unit)),
  );
}

function nodeList(nodes: readonly TopologyNode[], ids: NodeIds): Markup {
  return element(
    'ul',
    {},
    nodes.map((node) => {
      const { label, severity, details, children } = node;
      const sign = severity === undefined ? undefined : `${severityWords[severity].sign} `;
      return element(
        'li',
        { id: ids.get(node), class: severity },
        sign === undefined ? undefined : element('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
        element('strong', {}, label),
        aboutNode(node),
        details.map((detail) => [element('br', {}), detail]),
        children.length === 0 ? undefined : nodeList(children, ids),
      );
    }),
    '\n',
  );
}
