import {
  contextDescriptorAsid,
  contextDescriptorValid,
  registerOffset,
  StreamConfig,
  StreamTable,
  StreamTableFormat,
  type StreamTablePlace,
  secondLevelOf,
  spanOf,
  streamEntryConfig,
  streamEntryContext,
  streamTablePlace,
  USUAL_SPLIT,
} from '@quiesce/smmu-v3';
import type { RemappingHost } from '../remapping-host.ts';
import type { SmmuDriver } from './smmu-driver.ts';
import { tableStorage, type UnitState } from './unit-state.ts';

/** Level 1 descriptors that Linux allows. */
const LEVEL_1_LIMIT = 2 ** 17;

/** Where STRTAB_BASE and STRTAB_BASE_CFG say that the stream table is. */
export function readStreamTablePlace(driver: SmmuDriver): StreamTablePlace {
  const { handle } = driver;
  return streamTablePlace(
    handle.read32(registerOffset.STRTAB_BASE),
    handle.read32(registerOffset.STRTAB_BASE + 4),
    handle.read32(registerOffset.STRTAB_BASE_CFG),
  );
}

/**
 * Opens the crashed kernel's stream table (arm_smmu_kdump_adopt_strtab): what the registers and the level 1 descriptors
 * say is checked, because it may be corrupt.
 * @returns false if it cannot be trusted; the log says why
 */
export function adoptStreamTable(host: RemappingHost, unit: UnitState): boolean {
  const { driver } = unit;
  const place = readStreamTablePlace(driver);
  const complaint = complaintAbout(host, driver, place);
  if (complaint !== undefined) {
    driver.log(`kdump: ${complaint}`);
    driver.log('kdump: falling back to full reset');
    return false;
  }
  unit.table = StreamTable.at(place, tableStorage(host));
  return true;
}

function complaintAbout(
  host: RemappingHost,
  driver: SmmuDriver,
  { format, split, log2Size, address }: StreamTablePlace,
): string | undefined {
  const { streamIdBits } = driver.features;
  if (format === StreamTableFormat.linear) {
    return log2Size > streamIdBits ? `unsupported log2size ${log2Size} (> ${streamIdBits})` : undefined;
  }
  if (format !== StreamTableFormat.twoLevel) return `invalid STRTAB format ${format}`;
  if (log2Size < split || log2Size > streamIdBits) {
    return `log2size ${log2Size} out of range [${split}, ${streamIdBits}]`;
  }
  if (split !== USUAL_SPLIT) return `unsupported STRTAB_SPLIT ${split} (expected ${USUAL_SPLIT})`;
  const count = 2 ** (log2Size - split);
  if (count > LEVEL_1_LIMIT) return `l1 entries ${count} exceeds max ${LEVEL_1_LIMIT}`;
  const { memory } = host.pages;
  for (let i = 0; i < count; i++) {
    const low = memory.read32(address + 8 * i);
    const span = spanOf(low);
    if (span === 0 || secondLevelOf(low, memory.read32(address + 8 * i + 4)) === 0) continue;
    if (span !== USUAL_SPLIT + 1) return `L1[${i}] unsupported span ${span} (vs ${USUAL_SPLIT + 1})`;
  }
  return undefined;
}

/** ASIDs under which the TLB may hold translations of old traffic: new domains must not have them. */
export function reserveAdoptedAsids(host: RemappingHost, unit: UnitState): void {
  const { memory } = host.pages;
  for (const { words } of unit.table?.entries() ?? []) {
    const [low = 0, high = 0] = words;
    if (streamEntryConfig(low).config !== StreamConfig.stage1) continue;
    const context = streamEntryContext(low, high);
    if (!contextDescriptorValid(memory.read32(context))) continue;
    unit.usedAsids.add(contextDescriptorAsid(memory.read32(context + 4)));
  }
}
