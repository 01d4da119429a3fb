import {
  type MemoryOwner,
  type MemoryRegion,
  PAGE_SIZE,
  type PhysicalMemory,
  UserError,
  type WriterId,
} from '@quiesce/simulation';
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
 * The second kernel: in its reservation, behind its own image.
 * @throws UserError `MACHINE_MEMORY` if nothing, or too little, is reserved
 */
export function planSecondKernel(memory: PhysicalMemory, writer: WriterId): MemoryPlan {
  const ram = largest(memory, 'crash-kernel');
  const image = Math.min(32 * MIB, Math.floor((ram.end - ram.start) / 4 / PAGE_SIZE) * PAGE_SIZE);
  const middle = ram.start + image + Math.floor((ram.end - ram.start - image) / 2 / PAGE_SIZE) * PAGE_SIZE;
  return {
    pages: new PagePool(memory, ram.start + image, middle, writer),
    buffers: new PagePool(memory, middle, ram.end, writer),
  };
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
