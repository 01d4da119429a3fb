import { RootTable } from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import { attachDomain, tableStorage } from './domains.ts';
import { Global, VTD } from './register-offsets.ts';
import { copyTranslationTables } from './table-copy.ts';
import type { UnitState } from './unit-state.ts';

/** DMA remapping of one unit, in the order of init_dmars and intel_iommu_init. */
export function initialiseTranslation(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  const { remapping } = host.profile;
  const { name } = driver.handle;
  driver.enableQueue();
  const { messages } = host.profile;
  host.say(driver.queued ? messages.queuedInvalidation : messages.registerInvalidation, driver.handle);
  const preEnabled = driver.translationOn;
  let copied = false;
  if (preEnabled && remapping.copiesContextEntries && host.isCrashKernel) {
    host.log('DMAR: Translation already enabled - trying to copy translation structures');
    const scalable = host.wantsScalable && driver.canScale;
    copied = copyTranslationTables(unit, tableStorage(host), { scalable });
    if (copied) host.log(`DMAR: Copied translation tables from previous kernel for ${name}`);
    else {
      host.log(`DMAR: Failed to copy translation tables from previous kernel for ${name}`);
      driver.disable(Global.translation);
    }
  } else if (preEnabled && remapping.disablesTranslationFirst) {
    host.say(messages.translationNotKdump, driver.handle);
    driver.disable(Global.translation);
  }
  if (preEnabled && !driver.translationOn) host.delay(remapping.rebuildMs);
  const scalable = host.wantsScalable && driver.canScale;
  unit.root ??= new RootTable({ ...tableStorage(host), scalable });
  driver.setRootTable(unit.root.address, unit.root.scalable);
  if (!copied) {
    attachEarly(host, unit);
    driver.enable(Global.translation);
    // Protected memory is what firmware used until now.
    driver.handle.write32(VTD.protectedMemoryEnable, 0);
  }
}

/**
 * Domains that exist before any driver asks: those of firmware's own regions, and with default domains those of
 * every function. With copied tables none, because they would erase old mappings.
 */
function attachEarly(host: RemappingHost, unit: UnitState): void {
  for (const identity of host.identities()) {
    if (!identity.requesterIds.some((id) => covers(unit, identity.segment, id))) continue;
    const regions = host.reservedRegions.filter(
      (region) =>
        region.segment === identity.segment &&
        region.requesterIds.some((id) => identity.requesterIds.includes(id)),
    );
    for (const { start, end } of regions) {
      const range = { device: identity.name, start: start.toString(16), end: (end - 1).toString(16) };
      host.say(host.profile.messages.identityMap, undefined, range);
    }
    if (regions.length > 0 || host.profile.remapping.eagerDomains) attachDomain(host, unit, identity);
  }
}

export function covers(unit: UnitState, segment: number, requesterId: number): boolean {
  const { handle } = unit.driver;
  return handle.segment === segment && handle.covers(requesterId);
}
