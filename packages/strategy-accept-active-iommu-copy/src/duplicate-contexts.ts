import {
  CONTEXT_ENTRY_BYTES,
  contextDomainId,
  contextLevels,
  contextPageTable,
  contextPresent,
  contextTranslationType,
  PASS_THROUGH,
  ROOT_ENTRY_BYTES,
  rootContextTable,
  rootPresent,
} from '@quiesce/vtd-iommu';
import { duplicatePageTable, linkHigh, linkLow, writeEntry } from './duplicate-page-table.ts';
import type { Duplication } from './duplication.ts';

const BUSES = 256;
const FUNCTIONS = 256;

/** A context entry of the old kernel that stands in the new tables. */
export interface DuplicatedContext {
  readonly requesterId: number;
  readonly domainId: number;
  /** Levels of the page table; undefined for a pass-through entry, which has none. */
  readonly levels: number | undefined;
  /** Root of the duplicated page table, 0 for a pass-through entry. */
  readonly pageTableRoot: number;
}

/** The new tables of a unit. */
export interface DuplicatedRoot {
  readonly address: number;
  readonly contexts: readonly DuplicatedContext[];
}

/**
 * Duplicates a legacy root table with all that hangs on it. Requesters that shared a page table go on sharing it.
 * @throws DuplicationLimitReached
 */
export function duplicateRoot(work: Duplication, oldRoot: number): DuplicatedRoot {
  const address = work.newPage();
  const contexts: DuplicatedContext[] = [];
  const pageTables = new Map<number, number>();
  for (let bus = 0; bus < BUSES; bus++) {
    const from = oldRoot + bus * ROOT_ENTRY_BYTES;
    const low = work.memory.read32(from);
    if (!rootPresent(low)) continue;
    const high = work.memory.read32(from + 4);
    const oldTable = rootContextTable(low, high);
    if ((low === 0xffff_ffff && high === 0xffff_ffff) || oldTable === 0) {
      work.doubt(from, 'is no root entry');
      continue;
    }
    const table = work.newPage();
    for (let devfn = 0; devfn < FUNCTIONS; devfn++) {
      const entry = oldTable + devfn * CONTEXT_ENTRY_BYTES;
      const copy = table + devfn * CONTEXT_ENTRY_BYTES;
      const context = duplicateContext(work, entry, copy, bus * FUNCTIONS + devfn, pageTables);
      if (context !== undefined) contexts.push(context);
    }
    writeEntry(work, address + bus * ROOT_ENTRY_BYTES, linkLow(table, low), linkHigh(table, high));
  }
  return { address, contexts };
}

function duplicateContext(
  work: Duplication,
  from: number,
  to: number,
  requesterId: number,
  pageTables: Map<number, number>,
): DuplicatedContext | undefined {
  const low = work.memory.read32(from);
  if (!contextPresent(low)) return undefined;
  const high = work.memory.read32(from + 4);
  const word2 = work.memory.read32(from + 8);
  const word3 = work.memory.read32(from + 12);
  const passThrough = contextTranslationType(low) === PASS_THROUGH;
  const levels = contextLevels(word2);
  const oldTable = contextPageTable(low, high);
  if (contextTranslationType(low) > PASS_THROUGH || levels < 3 || levels > 5 || word3 !== 0) {
    work.doubt(from, 'is no context entry');
    return undefined;
  }
  if (!passThrough && oldTable === 0) {
    work.doubt(from, 'points to no page table');
    return undefined;
  }
  let table = oldTable;
  if (!passThrough) {
    const key = oldTable * 8 + levels;
    table = pageTables.get(key) ?? duplicatePageTable(work, oldTable, levels);
    pageTables.set(key, table);
  }
  writeEntry(work, to + 8, word2, word3);
  writeEntry(work, to, linkLow(table, low), linkHigh(table, high));
  return {
    requesterId,
    domainId: contextDomainId(word2),
    levels: passThrough ? undefined : levels,
    pageTableRoot: passThrough ? 0 : table,
  };
}
