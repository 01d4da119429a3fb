import { contextAvailable, contextDomainId, contextPresent } from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import type { UnitState } from './unit-state.ts';

/** In bits 70:67 of a context entry: this one is a copy (Linux 4.2 to 5.19). */
const COPIED = 0x1;
/** Bit 11 of the entry, PASID enable in the withdrawn extended mode; it is cleared in a copy. */
const EXTENDED_PASID_ENABLE = 0x800;

/** A copied entry with the mark in itself (context_clear_pasid_enable, context_set_copied). */
export function withCopiedMark(words: readonly number[]): readonly number[] {
  const [low = 0, high = 0, third = 0, fourth = 0] = words;
  return [(low & ~EXTENDED_PASID_ENABLE) >>> 0, high, (third | (COPIED << 3)) >>> 0, fourth];
}

/** The requester's entry is a copy that no driver has replaced yet (context_copied). */
function isCopied(host: RemappingHost, unit: UnitState, requesterId: number): boolean {
  if (host.profile.remapping.copiedMark === 'bitmap') return unit.copied.has(requesterId);
  const words = unit.deferred ? unit.root?.context(requesterId) : undefined;
  return (
    words !== undefined &&
    contextPresent(words[0] as number) &&
    (contextAvailable(words[2] as number) & COPIED) !== 0
  );
}

/**
 * Ends what the old kernel's entry did, before a driver's own takes its place: that of a copy as this version of Linux
 * does (copied_context_tear_down), that of an entry which a strategy left in place with all caches it may be in.
 */
export function tearDownOldEntry(host: RemappingHost, unit: UnitState, requesterId: number): void {
  const { root, driver, adoptedEntries } = unit;
  if (root === undefined) return;
  const words = root.context(requesterId);
  if (!isCopied(host, unit, requesterId)) {
    if (words === undefined || !contextPresent(words[0] as number)) return;
    const domainId = adoptedEntries.get(requesterId) ?? contextDomainId(words[2] as number);
    root.clearContext(requesterId);
    if (root.scalable) driver.invalidateEverything(true);
    else driver.invalidateDevice(domainId, requesterId);
    adoptedEntries.delete(requesterId);
    return;
  }
  // In scalable mode these bits are part of RID_PASID, which is 0.
  const domainId = contextDomainId(words?.[2] ?? 0);
  root.clearContext(requesterId);
  const { copiedEntryFlush } = host.profile.remapping;
  if (copiedEntryFlush === 'global-if-scalable' && root.scalable) {
    driver.invalidateDeviceAndAllPasids(requesterId);
    if (unit.atsEnabled.has(requesterId)) driver.invalidateDeviceTlb(requesterId);
  } else if (copiedEntryFlush !== 'none' && domainId < driver.domainIds) {
    driver.invalidateDevice(domainId, requesterId);
  }
  unit.copied.delete(requesterId);
}
