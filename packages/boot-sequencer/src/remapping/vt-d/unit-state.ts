import type { InterruptTable, RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import type { IovaSpace } from '../iova-space.ts';
import type { UnitDriver } from './unit-driver.ts';

/** A translation domain of one requester. */
export interface Domain {
  readonly id: number;
  readonly table: SecondLevelTable;
  readonly iova: IovaSpace;
}

/** All that a kernel keeps about one unit. */
export interface UnitState {
  readonly driver: UnitDriver;
  root: RootTable | undefined;
  interrupts: InterruptTable | undefined;
  interruptsEnabled: boolean;
  readonly usedDomainIds: Set<number>;
  readonly domains: Map<number, Domain>;
  /** Domains that a strategy handed over, waiting for their driver. */
  readonly adoptable: Map<number, Domain>;
  /** Requesters whose context entries were copied from the old kernel, with the old domain ID. */
  readonly copied: Map<number, number>;
}

export function newUnitState(driver: UnitDriver): UnitState {
  return {
    driver,
    root: undefined,
    interrupts: undefined,
    interruptsEnabled: false,
    usedDomainIds: new Set([0, 1]),
    domains: new Map(),
    adoptable: new Map(),
    copied: new Map(),
  };
}
