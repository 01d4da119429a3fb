import { PAGE_SIZE } from '@quiesce/simulation';
import { type OwnedMemory, type PageAllocator, type Phase, StrategyViolation } from '@quiesce/strategy';
import type { Kernel } from '../kernel/kernel.ts';

/** Pages that one strategy has allocated, over all its hooks. */
export class StrategyPages {
  readonly #frames = new Set<number>();
  /** Bytes handed out. */
  bytes = 0;
  /** How often it asked. */
  allocations = 0;

  /** Takes `pages` contiguous pages from the kernel; `bytes` of them count as used. */
  allocate(kernel: Kernel, pages: number, bytes: number): number {
    const address = kernel.pages.allocate(pages);
    for (let i = 0; i < pages; i++) this.#frames.add(address / PAGE_SIZE + i);
    this.bytes += bytes;
    this.allocations++;
    return address;
  }

  owns(address: number): boolean {
    return this.#frames.has(Math.floor(address / PAGE_SIZE));
  }
}

export function pageService(kernel: Kernel, pages: StrategyPages): PageAllocator {
  const allocate = (count = 1): number => pages.allocate(kernel, count, count * PAGE_SIZE);
  const allocateForDma = (count = 1): number => {
    const address = allocate(count);
    kernel.world.recorder.buffers.giveUp(address, count * PAGE_SIZE);
    return address;
  };
  return { allocate, allocateForDma };
}

/** memblock hands out whole pages here, but counts what was asked for. */
export function bootmemService(kernel: Kernel, pages: StrategyPages): { allocate(bytes: number): number } {
  return { allocate: (bytes) => pages.allocate(kernel, Math.max(1, Math.ceil(bytes / PAGE_SIZE)), bytes) };
}

export function memoryService(
  kernel: Kernel,
  pages: StrategyPages,
  phase: Phase,
  access: () => void,
  report: (violation: StrategyViolation) => StrategyViolation,
): OwnedMemory {
  const { memory } = kernel.world.hardware;
  const writer = memory.writer('strategy');
  return {
    read32: (address) => {
      access();
      return memory.read32(address);
    },
    write32: (address, value) => {
      access();
      if (!pages.owns(address)) {
        throw report(
          new StrategyViolation(
            'MEMORY_NOT_OWNED',
            phase,
            `a write to 0x${address.toString(16)}, which is not in a page that the strategy allocated`,
          ),
        );
      }
      memory.write32(address, value, writer);
    },
  };
}
