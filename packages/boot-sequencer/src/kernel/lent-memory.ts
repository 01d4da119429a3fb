import { type MemoryMap, PAGE_SIZE, UserError } from '@quiesce/simulation';
import type { Kernel } from './kernel.ts';
import { PagePool } from './page-pool.ts';

/** Start and end (exclusive) of the memory that the first kernel lends and the second one runs in, if there is any. */
export function lentRegion(map: MemoryMap): { readonly start: number; readonly end: number } | undefined {
  return map.regions.find(({ owner }) => owner === 'cma');
}

const pools = new WeakMap<Kernel, PagePool>();

/**
 * Pages of the first kernel in memory that is lent (`crashkernel=…,cma`): data on its way to or from a device may stand
 * there, rings and tables never do. Which pages were free is drawn from the seed.
 * @throws UserError `MACHINE_MEMORY` if the machine has no such memory
 */
export function lentPages(kernel: Kernel): PagePool {
  let pool = pools.get(kernel);
  if (pool === undefined) {
    const { world } = kernel;
    const { memory } = world.hardware;
    const region = lentRegion(memory.map);
    if (region === undefined) {
      throw new UserError('MACHINE_MEMORY', 'buffers stand in cma memory, of which the machine has none');
    }
    const half = Math.floor((region.end - region.start) / 2 / PAGE_SIZE);
    const start = region.start + world.random.split('lent memory').nextInteger(0, half) * PAGE_SIZE;
    pool = new PagePool(memory, start, region.end, kernel.writer);
    pools.set(kernel, pool);
  }
  return pool;
}
