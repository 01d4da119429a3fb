import { defineStrategy, type StrategyPlugin } from '@quiesce/strategy';

/** Nothing at all: what the two kernels do on their own. The row that every other strategy is compared with. */
export const none: StrategyPlugin = defineStrategy<unknown>({
  name: 'none',
  description: 'Leaves leftover DMA to what the two kernels do on their own.',
  sources: [
    'torvalds/linux arch/x86/kernel/crash.c: the crash path touches neither PCI devices nor the IOMMU',
  ],
  create: () => ({ name: none.name, description: none.description, sources: none.sources }),
});

export default none;
