import type { OwnedMemory, PageAllocator, ReservedMemoryRegion } from '@quiesce/strategy';
import { secondLevelMappings } from '@quiesce/vtd-iommu';
import type { ContainedTable } from './contained-table.ts';

const PAGE = 4096;
/** Tables of the old kernel to read for one domain at most; a garbage table ends here. */
const TABLE_LIMIT = 16_384;

/** What becomes of memory that a device may read. */
export interface Reads {
  /** `shadow`: it goes on to read what it has read before; `sink`: it reads the scratch page. */
  readonly mode: 'shadow' | 'sink';
  /** A display: nothing is copied, its writes are refused. */
  readonly display: boolean;
  /** Pages that may still be copied. */
  budget: { pages: number };
}

/**
 * Takes over what an old page table lets a device read, so that nothing it can write is memory of the old kernel:
 * read-only leaves stay as they are; of a page that it may read and write it gets a copy of its own; what it may only
 * write goes to the scratch page.
 */
export function containOldTable(
  memory: OwnedMemory,
  pages: PageAllocator,
  contained: ContainedTable,
  old: { readonly root: number; readonly levels: number },
  reads: Reads,
): void {
  for (const leaf of secondLevelMappings(memory, old.root, old.levels, { tableLimit: TABLE_LIMIT })) {
    const { iova, bytes, physical, level } = leaf;
    if (iova + bytes > contained.limit) continue;
    contained.use(iova, bytes);
    if (!leaf.read || (reads.mode === 'sink' && !reads.display)) continue;
    if (!leaf.write || reads.display) {
      contained.setLeaf(iova, level, physical, { read: true, write: false });
      continue;
    }
    if (bytes / PAGE > reads.budget.pages) continue;
    reads.budget.pages -= bytes / PAGE;
    for (let at = 0; at < bytes; at += PAGE) {
      const copy = copyPage(memory, pages, physical + at);
      contained.setLeaf(iova + at, 1, copy, { read: true, write: true });
    }
  }
}

/** Firmware goes on using its regions: they are mapped to themselves (RMRR). */
export function mapRegions(contained: ContainedTable, regions: readonly ReservedMemoryRegion[]): void {
  for (const { start, end } of regions) {
    const first = start - (start % PAGE);
    if (end <= start || end > contained.limit) continue;
    contained.use(first, end - first);
    for (let at = first; at < end; at += PAGE) contained.setLeaf(at, 1, at, { read: true, write: true });
  }
}

function copyPage(memory: OwnedMemory, pages: PageAllocator, from: number): number {
  const to = pages.allocateForDma();
  for (let at = 0; at < PAGE; at += 4) {
    const word = memory.read32(from + at);
    if (word !== 0) memory.write32(to + at, word);
  }
  return to;
}
