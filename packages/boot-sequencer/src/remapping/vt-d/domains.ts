import { type Address, assert } from '@quiesce/simulation';
import { RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { enableAts, usesAts } from './ats.ts';
import { contextWords } from './context-words.ts';
import { tearDownOldEntry } from './copied-entries.ts';
import { tableStorage } from './table-storage.ts';
import type { Domain, UnitState } from './unit-state.ts';

/**
 * The domain of a function: the one it has, the one handed over for it, that of its group, or a new one.
 * @returns undefined if this kernel cannot attach the function to any
 */
export function attachDomain(
  host: RemappingHost,
  unit: UnitState,
  identity: DmaIdentity,
): Domain | undefined {
  const requesterId = identity.requesterIds[0] as number;
  const { sharedDomains, deferredAttach } = host.profile.remapping;
  const own = identity.requesterIds.at(-1) as number;
  const present = unit.domains.get(sharedDomains === 'group' ? own : requesterId);
  if (present !== undefined) return present;
  const adopted = unit.adoptable.get(requesterId);
  if (adopted !== undefined) {
    for (const id of identity.requesterIds) unit.domains.set(id, adopted);
    return adopted;
  }
  const shared = identity.group !== undefined && identity.group.size > 1;
  // iommu_attach_device refuses a device that is not alone in its group.
  if (unit.deferred && deferredAttach === 'lone-devices' && shared) return undefined;
  const domain = domainFor(host, unit, identity);
  mapReservedRegions(host, identity, domain);
  const ats = usesAts(host, unit, identity) && (domain.table !== undefined || unit.root?.scalable === true);
  for (const id of identity.requesterIds) {
    // The entry of an alias may be there already, for another function behind the same bridge.
    if (!unit.domains.has(id)) writeContext(host, unit, id, domain, ats && id === own);
    unit.domains.set(id, domain);
  }
  if (ats) enableAts(unit, identity);
  return domain;
}

function domainFor(host: RemappingHost, unit: UnitState, identity: DmaIdentity): Domain {
  if (passesThrough(host, unit)) {
    const identityDomain = unit.identityDomain ?? {
      // In scalable mode all pass-through entries have ID 1 (FLPT_DEFAULT_DID).
      id: unit.root?.scalable === true ? 1 : freeDomainId(unit),
      table: undefined,
      iova: new IovaSpace(),
    };
    unit.identityDomain = identityDomain;
    return identityDomain;
  }
  const { group } = identity;
  if (host.profile.remapping.sharedDomains === 'alias' || group === undefined) return newDomain(host, unit);
  const domain = unit.groupDomains.get(group.index) ?? newDomain(host, unit);
  unit.groupDomains.set(group.index, domain);
  return domain;
}

function newDomain(host: RemappingHost, unit: UnitState): Domain {
  const table = new SecondLevelTable({ ...tableStorage(host), levels: unit.driver.levels });
  return { id: freeDomainId(unit), table, iova: new IovaSpace() };
}

/** `iommu=pt` is a parameter of the first kernel here; units without ECAP.PT translate all the same. */
export function passesThrough(host: RemappingHost, unit: UnitState): boolean {
  return (
    !host.isCrashKernel && host.profile.first.defaultDomain === 'passthrough' && unit.driver.canPassThrough
  );
}

/** Firmware goes on using its regions: they are mapped to themselves, and no address of them is given out (RMRR). */
function mapReservedRegions(host: RemappingHost, identity: DmaIdentity, domain: Domain): void {
  for (const { segment, start, end, requesterIds } of host.reservedRegions) {
    if (segment !== identity.segment || !requesterIds.some((id) => identity.requesterIds.includes(id))) {
      continue;
    }
    domain.iova.reserve({ start, end });
    // Linux warns of a region that ends before it starts, and goes on without it.
    if (end <= start) continue;
    const first = start - (start % 4096);
    domain.table?.map(first, first, Math.ceil((end - first) / 4096) * 4096, { read: true, write: true });
  }
}

/** The lowest that is free, whatever the unit may still have cached under it. */
function freeDomainId(unit: UnitState): number {
  let id = 2;
  while (unit.usedDomainIds.has(id)) id++;
  assert(id < unit.driver.domainIds, 'no domain ID is left');
  unit.usedDomainIds.add(id);
  return id;
}

/** Writes a requester's context entry in place of what is there (domain_context_mapping_one). */
function writeContext(
  host: RemappingHost,
  unit: UnitState,
  requesterId: number,
  domain: Domain,
  deviceTlb: boolean,
): void {
  const root = (unit.root ??= new RootTable({ ...tableStorage(host), scalable: false }));
  tearDownOldEntry(host, unit, requesterId);
  root.setContext(requesterId, contextWords(host, unit, root.scalable, domain, deviceTlb));
  if (!unit.driver.cachesNotPresent) return;
  unit.driver.invalidateDevice(0, requesterId);
  unit.driver.invalidateDevice(domain.id, requesterId);
}

/** Maps memory for a function and returns the address that the device is to use. */
export function mapForDevice(
  host: RemappingHost,
  domain: Domain,
  identity: DmaIdentity,
  physical: Address,
  bytes: number,
): Address {
  if (domain.table === undefined) return physical;
  const first = physical - (physical % 4096);
  const length = Math.ceil((physical + bytes - first) / 4096) * 4096;
  const iova =
    host.profile.first.addresses === 'guest-physical' && !host.isCrashKernel
      ? host.guestFrame(identity.requesterIds[0] as number)
      : domain.iova.allocate(length);
  domain.table.map(iova, first, length, { read: true, write: true });
  return iova + (physical - first);
}
