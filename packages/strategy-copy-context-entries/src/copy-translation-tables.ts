import type { IommuInitContext, OwnedMemory, RemappingUnitHandle } from '@quiesce/strategy';
import {
  CONTEXT_ENTRY_BYTES,
  contextDomainId,
  contextPresent,
  PasidTable,
  pasidEntryDomainId,
  ROOT_ENTRY_BYTES,
  rootContextTable,
  rootPresent,
  rootTableAddress,
  rootTableMode,
  SCALABLE_CONTEXT_ENTRY_BYTES,
  SCALABLE_MODE,
  scalableContextPasidDirectory,
  scalableContextRidPasid,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';
import type { CopyContextOptions } from './copy-context-entries.ts';

const BUSES = 256;
/** Bit 0 of a half of a root entry. */
const PRESENT = 1;

/** New tables whose context entries are those of the old kernel. */
export interface CopiedTables {
  readonly address: number;
  readonly mode: number;
  readonly scalable: boolean;
  readonly entries: readonly { readonly requesterId: number; readonly domainId: number }[];
}

/**
 * Copies root table and context tables (copy_translation_tables). Undefined if nothing can be copied: there is no table,
 * or it is of a mode that this kernel does not know, and the mode may only change with translation off.
 */
export function copyTranslationTables(
  ctx: IommuInitContext<CopyContextOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): CopiedTables | undefined {
  const { low, high } = registers.rootTable;
  const mode = rootTableMode(low);
  const scalable = mode === SCALABLE_MODE;
  const oldRoot = rootTableAddress(low, high);
  if (oldRoot === 0 || mode > SCALABLE_MODE || (scalable && !ctx.options.scalableMode)) return undefined;
  const { memory } = ctx;
  const address = ctx.pages.allocate();
  const entries: { requesterId: number; domainId: number }[] = [];
  for (let bus = 0; bus < BUSES; bus++) {
    if (bus === ctx.options.unmappableBus && hasTable(memory, oldRoot, bus)) {
      ctx.log(`DMAR: ${registers.unit.name}: Failed to copy context table for bus ${bus}`);
      continue;
    }
    // Which of the two tables of a bus the next copy is for: the defect counts copies instead of halves.
    let position = 0;
    for (const half of scalable ? [0, 1] : [0]) {
      const from = oldRoot + bus * ROOT_ENTRY_BYTES + half * 8;
      const word = memory.read32(from);
      const oldTable = rootContextTable(word, memory.read32(from + 4));
      if (!rootPresent(word) || oldTable === 0) continue;
      const table = ctx.pages.allocate();
      for (const index of copyContextTable(memory, oldTable, table, scalable)) {
        const requesterId = bus * 256 + half * 128 + index;
        entries.push({ requesterId, domainId: domainIdOf(memory, oldTable, index, scalable) });
      }
      const place = ctx.options.upperHalfDefect ? position : half;
      const to = address + bus * ROOT_ENTRY_BYTES + place * 8;
      memory.write32(to + 4, Math.floor(table / 2 ** 32));
      memory.write32(to, ((table >>> 0) + PRESENT) >>> 0);
      position++;
    }
  }
  return { address, mode, scalable, entries };
}

/** Present entries bit for bit; returns their indices. */
function copyContextTable(memory: OwnedMemory, from: number, to: number, scalable: boolean): number[] {
  const bytes = scalable ? SCALABLE_CONTEXT_ENTRY_BYTES : CONTEXT_ENTRY_BYTES;
  const copied: number[] = [];
  for (let index = 0; index < 4096 / bytes; index++) {
    if (!contextPresent(memory.read32(from + index * bytes))) continue;
    // The dword with the Present bit last.
    for (let at = bytes - 4; at >= 0; at -= 4) {
      memory.write32(to + index * bytes + at, memory.read32(from + index * bytes + at));
    }
    copied.push(index);
  }
  return copied;
}

function domainIdOf(memory: OwnedMemory, table: number, index: number, scalable: boolean): number {
  if (!scalable) return contextDomainId(memory.read32(table + index * CONTEXT_ENTRY_BYTES + 8));
  const entry = table + index * SCALABLE_CONTEXT_ENTRY_BYTES;
  const directory = scalableContextPasidDirectory(memory.read32(entry), memory.read32(entry + 4));
  const words = PasidTable.at(directory, { memory }).entry(scalableContextRidPasid(memory.read32(entry + 8)));
  return pasidEntryDomainId(words?.[2] ?? 0);
}

function hasTable(memory: OwnedMemory, root: number, bus: number): boolean {
  const entry = root + bus * ROOT_ENTRY_BYTES;
  return rootPresent(memory.read32(entry)) || rootPresent(memory.read32(entry + 8));
}
