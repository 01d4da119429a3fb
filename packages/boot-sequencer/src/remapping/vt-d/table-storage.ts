import type { TableStorage } from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';

/** Tables are made of the kernel's own pages. */
export function tableStorage(host: RemappingHost): TableStorage {
  return {
    memory: host.pages.memory,
    writer: host.writer,
    allocatePage: () => host.pages.allocate(),
  };
}
