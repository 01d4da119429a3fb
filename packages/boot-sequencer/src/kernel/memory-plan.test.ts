import { type MemoryRegion, PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFirstKernel, planSecondKernel } from './memory-plan.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function machine(...regions: readonly [owner: MemoryRegion['owner'], start: number, end: number][]) {
  return new PhysicalMemory(
    regions.map(([owner, start, end]) => ({ owner, start, end, label: 'System RAM' })),
  );
}

describe('memory of the first kernel', () => {
  it('tables are dump-relevant 96 MiB in, buffers stand at the top', () => {
    const memory = machine(['first-kernel', MIB, GIB]);
    const { pages, buffers } = planFirstKernel(memory, memory.writer('kernel 1'));
    expect(pages.start).toBe(96 * MIB);
    expect(memory.ownerAt(96 * MIB)).toBe('dump-relevant');
    expect(memory.ownerAt(96 * MIB - 1)).toBe('first-kernel');
    expect(buffers.start).toBe(GIB - 32 * MIB);
    expect(memory.ownerAt(GIB - 1)).toBe('dma-buffer');
  });

  it('takes the largest range below 4 GiB, because devices and early boot reach no other', () => {
    const memory = machine(
      ['first-kernel', MIB, 64 * MIB],
      ['first-kernel', 256 * MIB, 2 * GIB],
      ['first-kernel', 4 * GIB, 1024 * GIB],
    );
    const { pages, buffers } = planFirstKernel(memory, memory.writer('kernel 1'));
    expect(pages.start).toBe(256 * MIB);
    expect(buffers.start).toBe(2 * GIB - 32 * MIB);
  });

  it('has room for the interrupt tables of 40 units', () => {
    const memory = machine(['first-kernel', MIB, 3 * GIB]);
    const { pages } = planFirstKernel(memory, memory.writer('kernel 1'), 40);
    for (let unit = 0; unit < 40; unit++) pages.allocate(256);
    expect(memory.ownerAt(pages.allocate())).toBe('dump-relevant');
  });

  it('tables and buffers never meet, however little memory there is', () => {
    const size = fc.integer({ min: 32 * MIB, max: 3 * GIB });
    const start = fc.integer({ min: 0, max: GIB });
    fc.assert(
      fc.property(start, size, fc.integer({ min: 1, max: 64 }), (at, bytes, units) => {
        fc.pre(at + bytes <= 4 * GIB);
        const memory = machine(['first-kernel', at, at + bytes]);
        const whole = Math.floor((at + bytes) / 4096) * 4096 - Math.ceil(at / 4096) * 4096;
        if (whole < 32 * MIB) return;
        planFirstKernel(memory, memory.writer('kernel 1'), units);
        const tables = memory.map.regions.find((one) => one.owner === 'dump-relevant') as MemoryRegion;
        const buffers = memory.map.regions.find((one) => one.owner === 'dma-buffer') as MemoryRegion;
        expect(tables.start % 4096).toBe(0);
        expect(tables.start).toBeGreaterThanOrEqual(at);
        expect(tables.end).toBeLessThanOrEqual(buffers.start);
        expect(buffers.end).toBeLessThanOrEqual(at + bytes);
        expect(tables.end - tables.start).toBeGreaterThanOrEqual(7 * MIB);
      }),
    );
  });

  it.each([
    ['no memory at all', machine()],
    ['31 MiB', machine(['first-kernel', MIB, 32 * MIB])],
    ['memory above 4 GiB only', machine(['first-kernel', 4 * GIB, 64 * GIB])],
  ])('%s: the machine is wrong', (_name, memory) => {
    expect(() => planFirstKernel(memory, memory.writer('kernel 1'))).toThrow(
      expect.objectContaining({ code: 'MACHINE_MEMORY' }),
    );
  });
});

describe('memory of the second kernel', () => {
  it('tables and buffers share what its image leaves of the reservation', () => {
    const memory = machine(['crash-kernel', 736 * MIB, 992 * MIB]);
    const { pages, buffers } = planSecondKernel(memory, memory.writer('kernel 2'));
    expect(pages.start).toBe((736 + 32) * MIB);
    expect(buffers.start).toBe((736 + 32 + 112) * MIB);
    expect(memory.ownerAt(pages.start)).toBe('crash-kernel');
  });

  it('boots in 32 MiB', () => {
    const memory = machine(['crash-kernel', 16 * MIB, 48 * MIB]);
    const { pages, buffers } = planSecondKernel(memory, memory.writer('kernel 2'));
    expect(pages.start).toBe(24 * MIB);
    expect(buffers.start).toBe(36 * MIB);
  });

  it('without a reservation there is no second kernel', () => {
    const memory = machine(['first-kernel', MIB, GIB]);
    expect(() => planSecondKernel(memory, memory.writer('kernel 2'))).toThrow(/no crash-kernel memory/);
  });
});
