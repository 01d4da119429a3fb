import { currentSmmuProfile } from '../../profile/smmu-profile.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { adoptStreamTable, reserveAdoptedAsids } from './adoption.ts';
import { attachDomain, attachPassthrough, mayHaveRequests, newStreamTable } from './domains.ts';
import { Enable } from './smmu-driver.ts';
import type { UnitState } from './unit-state.ts';

/** arm_smmu_device_probe and what follows it for the devices behind the unit. */
export function probeUnit(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  const profile = host.profile.smmu ?? currentSmmuProfile;
  const inherited = driver.enabled && host.isCrashKernel;
  if (inherited && profile.onEnabled === 'refuse') {
    driver.setGlobalAbort(true);
    driver.setEnables(0);
    unit.probeFailed = true;
    host.log(`arm-smmu-v3: probe of ${driver.handle.name} failed with error -16`);
    return;
  }
  const adopts = inherited && profile.onEnabled === 'adopt' && mayAdopt(unit) && adoptStreamTable(host, unit);
  if (adopts) goOnWithOldTable(host, unit);
  else resetUnit(host, unit);
  for (const identity of identitiesBehind(host, unit)) {
    if (adopts && mayHaveRequests(unit, identity)) continue;
    if (passesThrough(host)) attachPassthrough(host, unit, identity);
    else if (adopts || host.profile.remapping.eagerDomains) attachDomain(host, unit, identity);
  }
}

/** Kernels with `iommu.passthrough=1`. */
export function passesThrough(host: RemappingHost): boolean {
  return host.profile.first.defaultDomain === 'passthrough' && !host.isCrashKernel;
}

/** Only where walks are coherent, and not on a unit that has failed. */
function mayAdopt(unit: UnitState): boolean {
  const { driver } = unit;
  if (driver.features.coherent && !driver.failed) return true;
  driver.log('kdump: cannot adopt the stream table');
  return false;
}

/** arm_smmu_device_reset with ARM_SMMU_OPT_KDUMP_ADOPT: SMMUEN and ATSCHK stay, CR1, CR2, STRTAB_BASE are not touched. */
function goOnWithOldTable(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  driver.setEnables(driver.enables & (Enable.smmu | Enable.checkTranslated));
  driver.startCommandQueue();
  driver.invalidateEverything();
  if (host.profile.smmu?.reservesAdoptedAsids === true) reserveAdoptedAsids(host, unit);
}

/** arm_smmu_device_reset */
function resetUnit(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  const profile = host.profile.smmu ?? currentSmmuProfile;
  if (driver.enabled) {
    driver.log('SMMU currently enabled! Resetting...');
    if (profile.abortsBeforeReset) driver.setGlobalAbort(true);
    driver.setEnables(0);
    host.delay(host.profile.remapping.rebuildMs);
  } else driver.setEnables(0);
  const table = newStreamTable(host, unit);
  unit.table = table;
  driver.setStreamTable(table);
  driver.startCommandQueue();
  driver.invalidateEverything();
  if (!host.isCrashKernel || profile.eventQueueInKdump) driver.startEventQueue();
  const checks = driver.features.ats ? Enable.checkTranslated : 0;
  driver.setEnables(driver.enables | checks | Enable.smmu);
}

function identitiesBehind(host: RemappingHost, unit: UnitState): DmaIdentity[] {
  const { handle } = unit.driver;
  return host
    .identities()
    .filter(
      ({ segment, requesterIds }) =>
        segment === handle.segment && requesterIds.some((id) => handle.covers(id)),
    );
}
