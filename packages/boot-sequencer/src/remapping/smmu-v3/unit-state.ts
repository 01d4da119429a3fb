import type { PageTable, StreamTable, TableStorage } from '@quiesce/smmu-v3';
import type { IovaSpace } from '../iova-space.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { SmmuDriver } from './smmu-driver.ts';

/** A stage 1 domain of one stream. */
export interface Domain {
  readonly asid: number;
  readonly table: PageTable;
  readonly iova: IovaSpace;
}

/** All that a kernel keeps about one unit. */
export interface UnitState {
  readonly driver: SmmuDriver;
  table: StreamTable | undefined;
  /** The driver's probe has failed: devices behind the unit wait for it for ever. */
  probeFailed: boolean;
  readonly usedAsids: Set<number>;
  readonly domains: Map<number, Domain>;
  /** Domains that a strategy handed over, waiting for their driver. */
  readonly adoptable: Map<number, Domain>;
  /** Streams whose entries are the old kernel's, by a strategy's word, with the old ASID. */
  readonly adoptedEntries: Map<number, number>;
}

export function newUnitState(driver: SmmuDriver): UnitState {
  return {
    driver,
    table: undefined,
    probeFailed: false,
    usedAsids: new Set([0]),
    domains: new Map(),
    adoptable: new Map(),
    adoptedEntries: new Map(),
  };
}

/** Tables are made of the kernel's own pages. */
export function tableStorage(host: RemappingHost): TableStorage {
  return {
    memory: host.pages.memory,
    writer: host.writer,
    allocatePages: (pages) => host.pages.allocate(pages),
  };
}
