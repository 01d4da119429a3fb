import {
  contextDescriptorAsid,
  contextDescriptorValid,
  registerOffset,
  StreamConfig,
  StreamTable,
  streamEntryConfig,
  streamEntryContext,
  streamTablePlace,
} from '@quiesce/smmu-v3';
import type { OwnedMemory } from '@quiesce/strategy';
import type { TableReader } from './table-readers.ts';

/** CR0.SMMUEN */
const ENABLED = 1;

/** The stream table of an SMMUv3 that is on. It has none for interrupts: their messages are writes like others. */
export const smmuTables: TableReader = {
  rootTable(unit, _delay, memory) {
    if ((unit.read32(registerOffset.CR0) & ENABLED) === 0) return undefined;
    const place = streamTablePlace(
      unit.read32(registerOffset.STRTAB_BASE),
      unit.read32(registerOffset.STRTAB_BASE + 4),
      unit.read32(registerOffset.STRTAB_BASE_CFG),
    );
    if (place.address === 0) return undefined;
    const entries = [...StreamTable.at(place, { memory }).entries()].flatMap(({ streamId, words }) => {
      const domainId = asidOf(memory, words);
      return domainId === undefined ? [] : [{ requesterId: streamId, domainId }];
    });
    return { address: place.address, scalable: false, entries };
  },
  interruptTable: () => undefined,
};

/** ASID of an entry that translates by stage 1; others are replaced without one. */
function asidOf(memory: OwnedMemory, words: readonly number[]): number | undefined {
  const [low = 0, high = 0] = words;
  const { valid, config } = streamEntryConfig(low);
  if (!valid || config !== StreamConfig.stage1) return undefined;
  const context = streamEntryContext(low, high);
  return contextDescriptorValid(memory.read32(context))
    ? contextDescriptorAsid(memory.read32(context + 4))
    : undefined;
}
