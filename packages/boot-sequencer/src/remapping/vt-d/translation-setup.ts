import { RootTable } from '@quiesce/vtd-iommu';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { enableAtsEarly } from './ats.ts';
import { isIgnored } from './device-scopes.ts';
import { attachDomain, passesThrough } from './domains.ts';
import { Global, VTD } from './register-offsets.ts';
import { copyTranslationTables } from './table-copy.ts';
import { tableStorage } from './table-storage.ts';
import type { UnitState } from './unit-state.ts';

/** DMA remapping of one unit, in the order of init_dmars and intel_iommu_init. */
export function initialiseTranslation(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  const { remapping, messages } = host.profile;
  unit.ignored = isIgnored(host, unit);
  if (unit.ignored) {
    if (remapping.ignoredUnits === 'switched-off' && driver.translationOn) driver.disable(Global.translation);
    return;
  }
  driver.enableQueue();
  host.say(driver.queued ? messages.queuedInvalidation : messages.registerInvalidation, driver.handle);
  const preEnabled = driver.translationOn;
  const copies = preEnabled && remapping.copiesContextEntries && host.isCrashKernel;
  if (!copies && preEnabled && remapping.disablesTranslationFirst) switchOff(host, unit);
  const scalable = host.wantsScalable && driver.canScale;
  const handedOver = copies ? undefined : unit.root;
  const root = handedOver ?? new RootTable({ ...tableStorage(host), scalable });
  if (copies) copyOrSwitchOff(host, unit, root);
  if (preEnabled && !driver.translationOn) host.delay(remapping.rebuildMs);
  unit.root = root;
  driver.setRootTable(root.address, root.scalable);
  if (unit.deferred) {
    for (const identity of identitiesOf(host, unit)) enableAtsEarly(host, unit, identity);
  } else {
    attachEarly(host, unit);
    driver.enable(Global.translation);
  }
  // Protected memory is what firmware used until now.
  driver.handle.write32(VTD.protectedMemoryEnable, 0);
}

/** A kernel that does not think that it is a crash kernel starts from scratch. */
function switchOff(host: RemappingHost, unit: UnitState): void {
  host.say(host.profile.messages.translationNotKdump, unit.driver.handle);
  unit.driver.disable(Global.translation);
}

function copyOrSwitchOff(host: RemappingHost, unit: UnitState, root: RootTable): void {
  const { driver } = unit;
  const { name } = driver.handle;
  host.log('DMAR: Translation already enabled - trying to copy translation structures');
  if (copyTranslationTables(host, unit, root)) {
    host.log(`DMAR: Copied translation tables from previous kernel for ${name}`);
    return;
  }
  host.log(`DMAR: Failed to copy translation tables from previous kernel for ${name}`);
  driver.disable(Global.translation);
}

/**
 * Domains that exist before any driver asks: those of firmware's own regions, and with default domains those of
 * every function. With copied tables none, because they would erase old mappings.
 */
function attachEarly(host: RemappingHost, unit: UnitState): void {
  for (const identity of identitiesOf(host, unit)) {
    const regions = host.reservedRegions.filter(
      (region) =>
        region.segment === identity.segment &&
        region.requesterIds.some((id) => identity.requesterIds.includes(id)),
    );
    for (const { start, end } of regions) {
      const range = { device: identity.name, start: start.toString(16), end: (end - 1).toString(16) };
      host.say(host.profile.messages.identityMap, undefined, range);
    }
    const early = regions.length > 0 || host.profile.remapping.eagerDomains;
    if (early || passesThrough(host, unit)) attachDomain(host, unit, identity);
  }
}

function identitiesOf(host: RemappingHost, unit: UnitState): readonly DmaIdentity[] {
  return host
    .identities()
    .filter(({ segment, requesterIds }) => requesterIds.some((id) => covers(unit, segment, id)));
}

export function covers(unit: UnitState, segment: number, requesterId: number): boolean {
  const { handle } = unit.driver;
  return handle.segment === segment && handle.covers(requesterId);
}
