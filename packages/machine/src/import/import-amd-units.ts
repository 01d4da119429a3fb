import type { ImportNote, MachineUnit } from '../description/machine.ts';
import { requesterName } from '../description/requester-name.ts';
import type { AmdFeatures, LoggedAmdUnit, LoggedBoot } from './boot-record.ts';
import type { InferenceList } from './inference-list.ts';
import { type IvhdBlock, type Ivrs, parseIvrs } from './ivrs.ts';
import type { ReservedRange } from './memory-regions.ts';
import { NoteList } from './note-list.ts';

/** INVALIDATE_IOMMU_ALL, host page tables of four levels: what a unit is taken to be if nothing has its features. */
export const usualAmdFeatures = '0000000000000040';
const VERSION = 0x40;
const NO_FEATURES = '0000000000000000';

/** The units of an AMD machine and the memory that its firmware goes on using. */
export interface AmdRemapping {
  readonly units: readonly MachineUnit[];
  readonly reserved: readonly ReservedRange[];
}

/**
 * The units that an IVRS table names. Where a unit is described more than once, for older kernels and newer ones, the newest
 * description counts, as it does for Linux.
 * @param sysfs features that `/sys` shows of every unit
 */
export function importAmdUnits(
  table: Uint8Array,
  boot: LoggedBoot | undefined,
  inferred: InferenceList,
  notes: ImportNote[],
  file: string,
  sysfs?: AmdFeatures,
): AmdRemapping {
  const read = new NoteList(file);
  const ivrs: Ivrs = parseIvrs(table, read);
  notes.push(...read.all());
  const newest = Math.max(0, ...ivrs.units.map((one) => one.type));
  const blocks = ivrs.units.filter((one, index, all) => {
    const isFirst = all.findIndex((other) => isSame(one, other) && other.type === newest) === index;
    return one.type === newest && isFirst;
  });
  // A unit covers what is not covered by one with lower requester IDs.
  blocks.sort((a, b) => a.segment - b.segment || lastOf(a) - lastOf(b));
  const units = blocks.map((block, index) => unitOf(block, index, boot, sysfs, inferred));
  return { units, reserved: ivrs.memory.filter(({ start, end }) => end > start) };
}

function isSame(a: IvhdBlock, b: IvhdBlock): boolean {
  return a.segment === b.segment && a.registerBase === b.registerBase;
}

function lastOf(block: IvhdBlock): number {
  return block.lastRequesterId ?? 0xffff;
}

function unitOf(
  block: IvhdBlock,
  index: number,
  boot: LoggedBoot | undefined,
  sysfs: AmdFeatures | undefined,
  inferred: InferenceList,
): MachineUnit {
  const logged = boot?.amdUnits.find((one) => isUnit(one, block));
  const ofAll = boot?.amdFeatures ?? sysfs;
  const features =
    logged?.features ?? (block.features === NO_FEATURES ? undefined : block.features) ?? ofAll?.features;
  if (features === undefined) {
    const reason = 'neither the IVRS table, nor a boot log, nor /sys has the features of the unit';
    inferred.add(`/units/${index}/capability`, usualAmdFeatures, reason);
  }
  inferred.add(`/units/${index}/version`, '4.0', 'no capture has the register');
  return {
    name: `ivhd${index}`,
    architecture: 'amd-vi',
    segment: block.segment,
    registerBase: block.registerBase,
    capability: features ?? usualAmdFeatures,
    extendedCapability: logged?.features2 ?? block.features2 ?? ofAll?.features2 ?? NO_FEATURES,
    version: VERSION,
    lastRequesterId: lastOf(block),
    ...(block.interruptSources.length === 0 ? {} : { interruptSources: block.interruptSources }),
  };
}

function isUnit({ name, registerBase }: LoggedAmdUnit, block: IvhdBlock): boolean {
  if (registerBase !== undefined) return registerBase === block.registerBase;
  const segment = block.segment.toString(16).padStart(4, '0');
  return name === `${segment}:${requesterName(block.requesterId)}`;
}
