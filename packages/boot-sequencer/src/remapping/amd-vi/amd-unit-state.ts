import type { AmdInterruptTable, DeviceTable, IoPageTable } from '@quiesce/amd-iommu';
import type { IovaSpace } from '../iova-space.ts';
import type { AmdUnitDriver } from './amd-unit-driver.ts';

/** A translation domain of one function. */
export interface AmdDomain {
  readonly id: number;
  /** Undefined: mode 0, requests pass with the entry's permissions. */
  readonly table: IoPageTable | undefined;
  readonly iova: IovaSpace;
}

/** All that a kernel keeps about one AMD unit. */
export interface AmdUnitState {
  readonly driver: AmdUnitDriver;
  /** The last requester ID behind the unit: how long its device table is. */
  readonly lastRequesterId: number;
  /** `early_enable_iommus` has been done, or a strategy has done it. */
  enabled: boolean;
  /** `amd_iommu_init` has got to the event log's interrupt. */
  handlesEvents: boolean;
  /** The table was copied or adopted: devices keep their old entries until a driver attaches. */
  deferred: boolean;
  table: DeviceTable | undefined;
  readonly interruptTables: Map<number, AmdInterruptTable>;
  readonly usedDomainIds: Set<number>;
  readonly domains: Map<number, AmdDomain>;
  /** Domains of groups of several functions, by the group's index. */
  readonly groupDomains: Map<number, AmdDomain>;
  /** Domains that a strategy handed over, waiting for their driver. */
  readonly adoptable: Map<number, AmdDomain>;
}

export function newAmdUnitState(driver: AmdUnitDriver): AmdUnitState {
  return {
    driver,
    lastRequesterId: lastRequesterIdOf(driver),
    enabled: false,
    handlesEvents: false,
    deferred: false,
    table: undefined,
    interruptTables: new Map(),
    usedDomainIds: new Set([0]),
    domains: new Map(),
    groupDomains: new Map(),
    adoptable: new Map(),
  };
}

/** What the IVRS table would say (`find_last_devid_acpi`), in whole buses. */
function lastRequesterIdOf({ handle }: AmdUnitDriver): number {
  for (let bus = 0xff; bus >= 0; bus--) {
    if (handle.covers((bus << 8) | 0xff)) return (bus << 8) | 0xff;
  }
  return 0xff;
}
