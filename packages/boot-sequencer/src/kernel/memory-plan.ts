import {
  type MemoryOwner,
  type MemoryRegion,
  PAGE_SIZE,
  type PhysicalMemory,
  UserError,
  type WriterId,
} from '@quiesce/simulation';
import { lentRegion } from './lent-memory.ts';
import { PagePool } from './page-pool.ts';

const MIB = 2 ** 20;

/** Where a kernel keeps tables and buffers. */
export interface MemoryPlan {
  readonly pages: PagePool;
  readonly buffers: PagePool;
}

/**
 * The first kernel: tables 96 MiB into its RAM, where they are kernel data without which a dump says little;
 * buffers at the top of RAM below 4 GiB, which belong to devices.
 * @throws UserError `MACHINE_MEMORY` if the machine has too little memory
 */
export function planFirstKernel(memory: PhysicalMemory, writer: WriterId, units = 1): MemoryPlan {
  const ram = largest(memory, 'first-kernel');
  const size = ram.end - ram.start;
  const share = Math.floor(size / 4 / PAGE_SIZE) * PAGE_SIZE;
  // A unit takes 1 MiB for its interrupt table alone.
  const tables = Math.min(Math.max(16, 8 + 2 * units) * MIB, share);
  const buffers = Math.min(32 * MIB, share);
  const start = ram.start + (size > 256 * MIB ? Math.max(0, 96 * MIB - ram.start) : 0);
  memory.map.assign({ start, end: start + tables, owner: 'dump-relevant', label: 'Kernel tables' });
  memory.map.assign({ start: ram.end - buffers, end: ram.end, owner: 'dma-buffer', label: 'DMA buffers' });
  return {
    pages: new PagePool(memory, start, start + tables, writer),
    buffers: new PagePool(memory, ram.end - buffers, ram.end, writer),
  };
}

/**
 * The second kernel: in its reservation, behind its own image; or, where the first kernel lent memory (`cma`), in that,
 * because a reservation that goes with it has room for little more than the image.
 * @throws UserError `MACHINE_MEMORY` if nothing, or too little, is reserved
 */
export function planSecondKernel(memory: PhysicalMemory, writer: WriterId): MemoryPlan {
  const image = secondKernelImage(memory);
  const lent = lentRegion(memory.map);
  const start = lent === undefined ? image.end : Math.ceil(lent.start / PAGE_SIZE) * PAGE_SIZE;
  const end = lent === undefined ? image.limit : Math.floor(lent.end / PAGE_SIZE) * PAGE_SIZE;
  const middle = start + Math.floor((end - start) / 2 / PAGE_SIZE) * PAGE_SIZE;
  return {
    pages: new PagePool(memory, start, middle, writer),
    buffers: new PagePool(memory, middle, end, writer),
  };
}

/**
 * Where the second kernel and its initramfs were loaded, up to `end`, of a reservation up to `limit` (both exclusive).
 * @throws UserError `MACHINE_MEMORY` if nothing, or too little, is reserved
 */
export function secondKernelImage(memory: PhysicalMemory): {
  readonly start: number;
  readonly end: number;
  readonly limit: number;
} {
  const { start, end: limit } = largest(memory, 'crash-kernel');
  const bytes = Math.min(32 * MIB, Math.floor((limit - start) / 4 / PAGE_SIZE) * PAGE_SIZE);
  return { start, end: start + bytes, limit };
}

function largest(memory: PhysicalMemory, owner: MemoryOwner): MemoryRegion {
  let best: MemoryRegion | undefined;
  for (const region of memory.map.regions) {
    // Devices and early boot reach memory below 4 GiB only.
    if (region.owner !== owner || region.end > 0x1_0000_0000) continue;
    if (best === undefined || region.end - region.start > best.end - best.start) best = region;
  }
  if (best === undefined || best.end - best.start < 32 * MIB) {
    throw new UserError('MACHINE_MEMORY', `the machine has no ${owner} memory of 32 MiB below 4 GiB`);
  }
  const start = Math.ceil(best.start / PAGE_SIZE) * PAGE_SIZE;
  const end = Math.floor(best.end / PAGE_SIZE) * PAGE_SIZE;
  return { ...best, start, end };
}
