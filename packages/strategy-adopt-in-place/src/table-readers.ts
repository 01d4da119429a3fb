import type { OwnedMemory, RemappingUnitHandle } from '@quiesce/strategy';
import { amdTables } from './amd-tables.ts';
import { smmuTables } from './smmu-tables.ts';
import { vtdTables } from './vtd-tables.ts';

/** The table that a unit is using, with what the old kernel has in it. */
export interface AdoptableRoot {
  readonly address: number;
  /** False where the architecture has no such mode. */
  readonly scalable: boolean;
  readonly entries: readonly { readonly requesterId: number; readonly domainId: number }[];
}

/** Finds the tables of a unit of one architecture. Undefined: there is nothing to go on with. */
export interface TableReader {
  rootTable(
    unit: RemappingUnitHandle,
    delay: (ms: number) => void,
    memory: OwnedMemory,
  ): AdoptableRoot | undefined;
  interruptTable(
    unit: RemappingUnitHandle,
    delay: (ms: number) => void,
    memory: OwnedMemory,
  ): { readonly address: number; readonly entries: number } | undefined;
}

/** By architecture of the unit. */
export const tableReaders: Readonly<Record<string, TableReader>> = {
  'vt-d': vtdTables,
  'amd-vi': amdTables,
  'smmu-v3': smmuTables,
};
