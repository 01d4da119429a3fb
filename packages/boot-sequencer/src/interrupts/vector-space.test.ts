import { describe, expect, it } from 'vitest';
import { isIsaVector, VectorSpace } from './vector-space.ts';

function take(space: VectorSpace, count: number): number[] {
  return Array.from({ length: count }, () => space.allocate().vector);
}

describe('vectors of a kernel', () => {
  it('matrix: the lowest free one, ISA vectors included, but for timer, cascade and system call', () => {
    const space = new VectorSpace('matrix', [0]);
    const given = take(space, 20);
    expect(given.slice(0, 3)).toEqual([0x21, 0x22, 0x23]);
    expect(given.slice(14, 18)).toEqual([0x2f, 0x31, 0x33, 0x34]);
    const all = new Set([...given, ...take(space, 180)]);
    expect(all.size).toBe(200);
    for (const one of [0x20, 0x30, 0x32, 0x80, 0xec]) expect(all.has(one)).toBe(false);
    expect([Math.min(...all), Math.max(...all)]).toEqual([0x21, 0xeb]);
    expect(space.allocate().vector).toBe(0x21);
  });

  it('matrix: the processor that has most left, so that many processors never come to their ISA vectors', () => {
    const space = new VectorSpace('matrix', [0, 1, 2]);
    const given = Array.from({ length: 6 }, () => space.allocate());
    expect(given.map(({ destination }) => destination)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(given.map(({ vector }) => vector)).toEqual([0x21, 0x21, 0x21, 0x22, 0x22, 0x22]);
  });

  it('stride: every sixteenth, never an ISA vector, each once until all are given out', () => {
    const space = new VectorSpace('stride', [0]);
    expect(take(space, 3)).toEqual([0x41, 0x51, 0x61]);
    const rest = take(space, 180);
    expect(rest.slice(7, 10)).toEqual([0xe1, 0x22, 0x42]);
    const all = [0x41, 0x51, 0x61, ...rest];
    expect(new Set(all).size).toBe(183);
    expect(all.some(isIsaVector)).toBe(false);
    expect(all.includes(0x80)).toBe(false);
    expect(take(space, 10).every((one) => one > 0x20 && one <= 0xeb)).toBe(true);
  });

  it('stride: affinities are spread over the processors', () => {
    const space = new VectorSpace('stride', [0, 1]);
    expect([space.allocate(), space.allocate()].map(({ destination }) => destination)).toEqual([0, 1]);
  });
});
