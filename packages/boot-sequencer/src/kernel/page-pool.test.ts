import { PAGE_SIZE, PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PagePool } from './page-pool.ts';

const MIB = 2 ** 20;

function memoryAndPool(pages: number): { memory: PhysicalMemory; pool: PagePool } {
  const memory = new PhysicalMemory([
    { start: 0, end: 64 * MIB, owner: 'crash-kernel', label: 'System RAM' },
  ]);
  const start = 16 * MIB;
  return { memory, pool: new PagePool(memory, start, start + pages * PAGE_SIZE, memory.writer('kernel')) };
}

describe('pages of a kernel', () => {
  it('never overlap, are aligned to their count, and lie in the range', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(counts, (sizes) => {
        const { pool } = memoryAndPool(4096);
        let end = pool.start;
        for (const pages of sizes) {
          const at = pool.allocate(pages);
          const align = PAGE_SIZE * 2 ** Math.ceil(Math.log2(pages));
          expect(at % align).toBe(0);
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + pages * PAGE_SIZE;
          expect(pool.owns(at) && pool.owns(end - 1)).toBe(true);
          expect(pool.owns(end)).toBe(false);
        }
        expect(pool.used).toBe(end - pool.start);
      }),
    );
  });

  it('are zero, even where stray DMA has written before', () => {
    const { memory, pool } = memoryAndPool(16);
    const device = memory.writer('0000:04:00.0');
    memory.writePattern(pool.start, 6 * PAGE_SIZE, 0xa5, device);
    const first = pool.allocate();
    expect(memory.readBytes(first, PAGE_SIZE).every((byte) => byte === 0)).toBe(true);
    const four = pool.allocate(4);
    expect(memory.readBytes(four, 4 * PAGE_SIZE).every((byte) => byte === 0)).toBe(true);
    expect(memory.lastWriterAt(four)).toBe('kernel');
  });

  it('are not touched where nobody wrote, so that clearing costs nothing', () => {
    const { memory, pool } = memoryAndPool(512);
    pool.allocate(256);
    expect(memory.pageCount).toBe(0);
  });

  it('run out as a mistake of the machine, not of the program', () => {
    const { pool } = memoryAndPool(4);
    pool.allocate(4);
    expect(() => pool.allocate()).toThrow(expect.objectContaining({ code: 'MACHINE_MEMORY' }));
    expect(() => pool.allocate(0)).toThrow('0 pages cannot be allocated');
  });
});
