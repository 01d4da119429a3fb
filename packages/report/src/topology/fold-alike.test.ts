import { describe, expect, it } from 'vitest';
import type { TopologyNode } from '../document.ts';
import { drawnName } from './drawn-name.ts';
import { countNodes, type DrawnNode, foldAlike } from './fold-alike.ts';

const node = (id: number, kind: string, children: readonly TopologyNode[] = []): TopologyNode => ({
  id: `${id}`,
  label: `${id}`,
  kind,
  marks: [],
  details: [],
  children,
});

const many = (kind: string, count: number): TopologyNode[] =>
  Array.from({ length: count }, (_, index) => node(index, kind));

const shape = (drawn: readonly DrawnNode[]): string[] =>
  drawn.map(
    ({ node: { kind }, alike, children }) =>
      `${kind} ${alike.length + 1}${children.length > 0 ? ` (${shape(children).join(', ')})` : ''}`,
  );

describe('folding', () => {
  it('shows each node of a small tree', () => {
    expect(shape(foldAlike([node(0, 'root', many('nvme', 4))]))).toEqual([
      'root 1 (nvme 1, nvme 1, nvme 1, nvme 1)',
    ]);
  });

  it('takes neighbours together that look the same, and pairs and strangers not', () => {
    const roots = [node(0, 'root', [...many('nvme', 40), ...many('audio', 2), ...many('nvme', 3)])];
    expect(shape(foldAlike(roots))).toEqual(['root 1 (nvme 40, audio 1, audio 1, nvme 3)']);
  });

  it('takes trees together only if all below them is alike', () => {
    const port = (id: number, kind: string): TopologyNode => node(id, 'port', many(kind, 9));
    const roots = [node(0, 'root', [port(1, 'a'), port(2, 'a'), port(3, 'a'), port(4, 'b'), port(5, 'a')])];
    expect(shape(foldAlike(roots))).toEqual(['root 1 (port 3 (a 9), port 1 (b 9), port 1 (a 9))']);
  });

  it('draws or names each node once', () => {
    const roots = [node(0, 'root', [...many('nvme', 40), node(99, 'port', many('vf', 64))])];
    const drawn = (nodes: readonly DrawnNode[]): number =>
      nodes.reduce((sum, { alike, children }) => sum + 1 + countNodes(alike) + drawn(children), 0);
    expect(drawn(foldAlike(roots))).toBe(countNodes(roots));
  });

  it('is quick for long chains of bridges', () => {
    let chain = node(0, 'endpoint');
    for (let depth = 1; depth < 500; depth++) chain = node(depth, 'bridge', [chain]);
    expect(countNodes([chain])).toBe(500);
    expect(foldAlike([chain])).toHaveLength(1);
  });
});

describe('the name of a folded node', () => {
  const named = (label: string): TopologyNode => ({ ...node(0, 'dma'), label });

  it('says once what all of them are', () => {
    const drawn = { node: named('00:04.0 DMA engine'), alike: [named('00:04.7 DMA engine')], children: [] };
    expect(drawnName(drawn)).toBe('00:04.0 … 00:04.7 × 2 DMA engine');
    expect(drawnName({ ...drawn, alike: [named('00:04.7 other')] })).toBe('00:04.0 … 00:04.7 × 2');
    expect(drawnName({ ...drawn, alike: [] })).toBe('00:04.0 DMA engine');
  });
});
