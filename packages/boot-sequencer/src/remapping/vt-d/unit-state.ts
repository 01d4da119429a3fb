import type { InterruptTable, RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import type { IovaSpace } from '../iova-space.ts';
import type { UnitDriver } from './unit-driver.ts';

/** A translation domain: the functions in it share its page table. */
export interface Domain {
  readonly id: number;
  /** Undefined with pass-through. */
  readonly table: SecondLevelTable | undefined;
  readonly iova: IovaSpace;
}

/** All that a kernel keeps about one unit. */
export interface UnitState {
  readonly driver: UnitDriver;
  /** No device of its scope was found: its translation is not this kernel's business. */
  ignored: boolean;
  root: RootTable | undefined;
  interrupts: InterruptTable | undefined;
  interruptsEnabled: boolean;
  readonly usedDomainIds: Set<number>;
  /** By requester ID. */
  readonly domains: Map<number, Domain>;
  /** Default domains by the index of their IOMMU group. */
  readonly groupDomains: Map<number, Domain>;
  /** The one domain of all pass-through functions. */
  identityDomain: Domain | undefined;
  /** Domains that a strategy handed over, waiting for their driver. */
  readonly adoptable: Map<number, Domain>;
  /** Root and context entries are copies of the old kernel's: domains wait for their drivers. */
  deferred: boolean;
  /** Requesters whose context entries are copies, where the mark stands beside the tables. */
  readonly copied: Set<number>;
  /** Requesters whose functions this kernel has enabled ATS in. */
  readonly atsEnabled: Set<number>;
  /** Requesters whose context entries a strategy left in place, with the old domain ID. */
  readonly adoptedEntries: Map<number, number>;
}

/** Domain ID 0 tags what is not present in caching mode; 1 is kept for pass-through and first-level entries. */
export function newUnitState(driver: UnitDriver): UnitState {
  return {
    driver,
    ignored: false,
    root: undefined,
    interrupts: undefined,
    interruptsEnabled: false,
    usedDomainIds: new Set([0, 1]),
    domains: new Map(),
    groupDomains: new Map(),
    identityDomain: undefined,
    adoptable: new Map(),
    deferred: false,
    copied: new Set(),
    atsEnabled: new Set(),
    adoptedEntries: new Map(),
  };
}
