import {
  amdRegister,
  DEVICE_TABLE_ENTRY_BYTES,
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
  GUEST_TRANSLATION_MASKS,
  INTERRUPTS_REMAPPED,
  readDeviceTableEntry,
} from '@quiesce/amd-iommu';
import type { Address } from '@quiesce/simulation';
import { amdRemappingOf } from '../../profile/amd-eras.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { AmdUnitState } from './amd-unit-state.ts';

const FOUR_GIB = 0x1_0000_0000;
/** V and TV */
const VALID_AND_TRANSLATED = 3;
/** IV in word 4. */
const INTERRUPTS_VALID = 1;
/** SA in word 3. */
const SUPPRESS_FAULTS = 4;

/** An empty device table of this kernel: no entry is valid, so that every request would pass. */
export function newDeviceTable(host: RemappingHost, unit: AmdUnitState): DeviceTable {
  const pages = tablePages(unit);
  const high = amdRemappingOf(host.profile).deviceTable === 'high' ? highPages(host, pages) : undefined;
  const { memory } = host.pages;
  return new DeviceTable({
    memory,
    writer: host.writer,
    address: high ?? host.pages.allocate(pages),
    pages,
  });
}

function tablePages(unit: AmdUnitState): number {
  return Math.ceil(((unit.lastRequesterId + 1) * DEVICE_TABLE_ENTRY_BYTES) / 4096);
}

/** Pages at the top of this kernel's own memory above 4 GiB, if it has any. */
function highPages(host: RemappingHost, pages: number): Address | undefined {
  const { map } = host.pages.memory;
  const owner = host.isCrashKernel ? 'crash-kernel' : 'first-kernel';
  const bytes = pages * 4096;
  let top: Address | undefined;
  for (const region of map.regions) {
    if (region.owner === owner && region.start >= FOUR_GIB && region.end - region.start >= bytes) {
      top = Math.max(top ?? 0, region.end);
    }
  }
  if (top === undefined) return undefined;
  const start = Math.floor((top - bytes) / 4096) * 4096;
  // A dump says little without the kernel's tables.
  if (!host.isCrashKernel) {
    map.assign({ start, end: start + bytes, owner: 'dump-relevant', label: 'Device table' });
  }
  return start;
}

/** `init_device_table`: interrupts of devices that have no interrupt table are aborted. */
export function validateInterrupts(table: DeviceTable): void {
  table.setBitsOfAll(4, INTERRUPTS_VALID);
}

/** `init_device_table_dma`: from now on devices without a domain are refused. */
export function blockUnattached(host: RemappingHost, table: DeviceTable): void {
  table.setBitsOfAll(0, VALID_AND_TRANSLATED);
  const suppress = host.isCrashKernel && amdRemappingOf(host.profile).suppressesFaults;
  if (suppress) table.setBitsOfAll(3, SUPPRESS_FAULTS);
}

/**
 * The table that the unit uses, if it can be trusted (`__copy_device_table`, `__reuse_device_table`): of the size that this
 * kernel would give it, and below 4 GiB.
 */
export function oldDeviceTable(
  host: RemappingHost,
  unit: AmdUnitState,
  index: number,
): DeviceTable | undefined {
  const { handle } = unit.driver;
  const low = handle.read32(amdRegister.deviceTable);
  const pages = deviceTablePages(low);
  if (pages !== tablePages(unit)) {
    host.log(`AMD-Vi: The device table size of IOMMU:${index} is not expected!`);
    return undefined;
  }
  const address = deviceTableAddress(low, handle.read32(amdRegister.deviceTable + 4));
  if (address >= FOUR_GIB && amdRemappingOf(host.profile).distrustsHighTable) {
    host.log('AMD-Vi: The address of old device table is above 4G, not trustworthy!');
    return undefined;
  }
  return new DeviceTable({ memory: host.pages.memory, writer: host.writer, address, pages });
}

/** The unit's table as its registers name it now, trusted or not; undefined while the unit is off. */
export function presentDeviceTable(host: RemappingHost, unit: AmdUnitState): DeviceTable | undefined {
  const { handle, translationOn } = unit.driver;
  if (!translationOn) return undefined;
  const low = handle.read32(amdRegister.deviceTable);
  const address = deviceTableAddress(low, handle.read32(amdRegister.deviceTable + 4));
  return new DeviceTable({
    memory: host.pages.memory,
    writer: host.writer,
    address,
    pages: deviceTablePages(low),
  });
}

/**
 * Entries of the old table, bit for bit but for guest translation, which is not copied; their domain IDs are reserved.
 * @returns false if an interrupt table has another length than this kernel's
 */
export function copyEntries(
  host: RemappingHost,
  unit: AmdUnitState,
  old: DeviceTable,
  table: DeviceTable,
): boolean {
  const length = Math.log2(amdRemappingOf(host.profile).interruptTableEntries);
  for (const { requesterId, words } of old.present()) {
    const entry = readDeviceTableEntry(words);
    const copy = [...words];
    if (entry.valid && entry.domainId !== 0) {
      unit.usedDomainIds.add(entry.domainId);
      if (entry.guest) {
        for (const [i, mask] of GUEST_TRANSLATION_MASKS.entries()) {
          copy[i] = ((copy[i] as number) & ~mask) >>> 0;
        }
      }
    }
    const remaps = entry.interruptControl !== 0 || entry.interruptTableLength !== 0;
    if (
      entry.interruptsValid &&
      remaps &&
      (entry.interruptControl !== INTERRUPTS_REMAPPED || entry.interruptTableLength !== length)
    ) {
      host.log(`AMD-Vi: Wrong old irq remapping flag: 0x${requesterId.toString(16)}`);
      return false;
    }
    table.setWords(requesterId, copy);
  }
  return true;
}

/** The domain IDs that an adopted table uses are not given out again. */
export function reserveDomainIds(unit: AmdUnitState, table: DeviceTable): void {
  for (const { words } of table.present()) {
    const { valid, domainId } = readDeviceTableEntry(words);
    if (valid) unit.usedDomainIds.add(domainId);
  }
}
