import { amdRemappingOf } from '../../profile/amd-eras.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { AmdUnitState } from './amd-unit-state.ts';
import {
  copyEntries,
  newDeviceTable,
  oldDeviceTable,
  reserveDomainIds,
  validateInterrupts,
} from './device-tables.ts';

/**
 * `amd_iommu_enable`, reached from the setup of interrupt remapping, long before any device is enumerated: here the
 * device table changes, and with it translation and interrupts of every device at once. Without interrupt remapping
 * (`nointremap`) it is reached from `amd_iommu_init`, and new tables leave interrupts alone.
 */
export function earlyEnable(
  host: RemappingHost,
  unit: AmdUnitState,
  index: number,
  interrupts: boolean,
): void {
  if (unit.enabled) return;
  unit.enabled = true;
  const { driver } = unit;
  const { handover } = amdRemappingOf(host.profile);
  const preEnabled = driver.translationOn;
  if (preEnabled && host.isCrashKernel) {
    if (handover === 'adopt' && adopt(host, unit, index)) return;
    if (handover === 'copy' && copy(host, unit, index)) return;
  }
  rebuild(host, unit, preEnabled, interrupts);
}

/** `early_enable_iommu` */
function rebuild(host: RemappingHost, unit: AmdUnitState, preEnabled: boolean, interrupts: boolean): void {
  const { driver } = unit;
  driver.disable();
  const { rebuildMs } = amdRemappingOf(host.profile);
  if (preEnabled && rebuildMs > 0) host.delay(rebuildMs);
  const table = newDeviceTable(host, unit);
  if (interrupts) validateInterrupts(table);
  unit.table = table;
  driver.setDeviceTable(table.address, table.pages, 0);
  driver.startRings();
  driver.enable();
  driver.flushAll(unit.lastRequesterId);
}

function copy(host: RemappingHost, unit: AmdUnitState, index: number): boolean {
  const { driver } = unit;
  host.log('AMD-Vi: Translation is already enabled - trying to copy translation structures');
  const old = oldDeviceTable(host, unit, index);
  const table = old === undefined ? undefined : newDeviceTable(host, unit);
  if (old === undefined || table === undefined || !copyEntries(host, unit, old, table)) {
    host.log('AMD-Vi: Failed to copy DEV table from previous kernel.');
    return false;
  }
  host.log('AMD-Vi: Copied DEV table from previous kernel.');
  unit.table = table;
  unit.deferred = true;
  driver.startRings();
  driver.setDeviceTable(table.address, table.pages, amdRemappingOf(host.profile).baseWriteGapUs);
  driver.flushAll(unit.lastRequesterId);
  return true;
}

function adopt(host: RemappingHost, unit: AmdUnitState, index: number): boolean {
  const { driver } = unit;
  host.log('AMD-Vi: Translation is already enabled - trying to reuse translation structures');
  const old = oldDeviceTable(host, unit, index);
  if (old === undefined) {
    host.log('AMD-Vi: Failed to reuse DEV table from previous kernel.');
    return false;
  }
  reserveDomainIds(unit, old);
  host.log('AMD-Vi: Reused DEV table from previous kernel.');
  unit.table = old;
  unit.deferred = true;
  driver.adoptRings();
  driver.flushAll(unit.lastRequesterId);
  return true;
}
