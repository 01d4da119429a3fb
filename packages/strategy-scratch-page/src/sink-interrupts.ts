import type { IrqRemapInitContext, RemappingUnitHandle } from '@quiesce/strategy';
import {
  INTERRUPT_POSTED,
  InterruptTable,
  interruptSourceId,
  interruptSourceQualifier,
  interruptSourceValidation,
  interruptTableAddress,
  interruptTableEntries,
  interruptVector,
  postedInterruptEntry,
  remappedInterruptEntry,
  type SourceValidation,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';

const PAGE = 4096;
/** Entries that stay free for the new kernel at least, so that the table can be smaller than the old one. */
const ROOM = 2048;
/** Dword 8 of a posted-interrupt descriptor: SN, no notification is ever sent (VT-d 9.11). */
const SUPPRESS_NOTIFICATION = 2;
/** The vector that a kernel gives to nobody: what arrives there is acknowledged and forgotten. */
const SPURIOUS_VECTOR = 0xff;

/** How old entries go on. */
export type OldInterrupts = 'posted' | 'spurious' | 'copied';

/**
 * Moves a unit with interrupt remapping on to a new table, in which every entry of the old one is still present, so that
 * no message is refused. Posted entries set a bit in a page that nobody reads.
 * @returns requester IDs that old entries accept; undefined if the unit has to be initialised anew
 */
export function sinkInterrupts(
  ctx: IrqRemapInitContext<unknown>,
  registers: UnitRegisters<RemappingUnitHandle>,
  how: OldInterrupts,
): ReadonlySet<number> | undefined {
  const { low, high } = registers.interruptTable;
  const oldAddress = interruptTableAddress(low, high);
  if (oldAddress === 0) return undefined;
  const { memory } = ctx;
  const old = new InterruptTable({ memory, address: oldAddress, entries: interruptTableEntries(low) });
  const present = [...old.present()];
  const entries = sizeOf(present.at(-1)?.index ?? 0, old.entries);
  const address = ctx.pages.allocate(Math.max(1, (entries * 16) / PAGE));
  const table = new InterruptTable({ memory, address, entries });
  const descriptor = how === 'posted' ? ctx.pages.allocate() : 0;
  if (descriptor !== 0) memory.write32(descriptor + 32, SUPPRESS_NOTIFICATION);
  const sources = new Set<number>();
  for (const { index, words } of present) {
    const [word0 = 0, word1 = 0, word2 = 0] = words;
    const source = {
      sourceId: interruptSourceId(word2),
      sourceQualifier: interruptSourceQualifier(word2),
      sourceValidation: interruptSourceValidation(word2) as SourceValidation,
    };
    if (source.sourceValidation === 1) sources.add(source.sourceId);
    if (how === 'posted') {
      table.set(index, postedInterruptEntry({ ...source, vector: interruptVector(word0), descriptor }));
    } else if (how === 'copied' || (word0 & INTERRUPT_POSTED) !== 0) table.set(index, words);
    else {
      const entry = remappedInterruptEntry({ ...source, vector: SPURIOUS_VECTOR, destination: 0 });
      table.set(index, [entry[0] ?? 0, word1, entry[2] ?? 0, 0]);
    }
  }
  if (!registers.setInterruptTable(address, entries)) {
    ctx.log(`DMAR-IR: ${registers.unit.name}: the interrupt table was not taken`);
  }
  ctx.kernel.adoptInterruptTable(registers.unit, { address, entries });
  ctx.kernel.invalidateInterruptEntries(registers.unit);
  ctx.log(`DMAR-IR: ${registers.unit.name}: ${present.length} interrupt entries are ${how}`);
  return sources;
}

/** A power of two with room behind the last old entry, at most what the old kernel had. */
function sizeOf(last: number, oldEntries: number): number {
  let entries = 256;
  while (entries < last + 1 + ROOM) entries *= 2;
  return Math.max(Math.min(entries, 65_536), Math.min(oldEntries, 256));
}
