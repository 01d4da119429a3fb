import { type Address, assert } from '@quiesce/simulation';
import {
  contextEntry,
  PasidTable,
  pasidEntry,
  RootTable,
  SECOND_LEVEL_TRANSLATION,
  SecondLevelTable,
  scalableContextEntry,
  type TableStorage,
} from '@quiesce/vtd-iommu';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { Domain, UnitState } from './unit-state.ts';

/** Tables are made of the kernel's own pages. */
export function tableStorage(host: RemappingHost): TableStorage {
  return {
    memory: host.pages.memory,
    writer: host.writer,
    allocatePage: () => host.pages.allocate(),
  };
}

/** The domain of a function: the one it has, the one handed over for it, or a new one. */
export function attachDomain(host: RemappingHost, unit: UnitState, identity: DmaIdentity): Domain {
  const requesterId = identity.requesterIds[0] as number;
  const present = unit.domains.get(requesterId);
  if (present !== undefined) return present;
  const adopted = unit.adoptable.get(requesterId);
  if (adopted !== undefined) {
    unit.domains.set(requesterId, adopted);
    return adopted;
  }
  const domain = newDomain(host, unit, identity);
  for (const id of identity.requesterIds) {
    writeContext(host, unit, id, domain);
    unit.domains.set(id, domain);
  }
  return domain;
}

function newDomain(host: RemappingHost, unit: UnitState, identity: DmaIdentity): Domain {
  const table = new SecondLevelTable({ ...tableStorage(host), levels: unit.driver.levels });
  const regions = host.reservedRegions.filter(
    (region) =>
      region.segment === identity.segment &&
      region.requesterIds.some((id) => identity.requesterIds.includes(id)),
  );
  // Firmware goes on using its regions: they are mapped to themselves (RMRR).
  for (const { start, end } of regions) {
    // Linux warns of a region that ends before it starts, and goes on without it.
    if (end <= start) continue;
    const first = start - (start % 4096);
    table.map(first, first, Math.ceil((end - first) / 4096) * 4096, { read: true, write: true });
  }
  return { id: freeDomainId(unit), table, iova: new IovaSpace(regions) };
}

function freeDomainId(unit: UnitState): number {
  let id = 2;
  while (unit.usedDomainIds.has(id)) id++;
  assert(id <= 0xffff, 'no domain ID is left');
  unit.usedDomainIds.add(id);
  return id;
}

/** Replaces a requester's context entry; one that was copied is torn down as Linux does (copied_context_tear_down). */
function writeContext(host: RemappingHost, unit: UnitState, requesterId: number, domain: Domain): void {
  const root = (unit.root ??= new RootTable({ ...tableStorage(host), scalable: false }));
  const oldDomain = unit.copied.get(requesterId);
  if (oldDomain !== undefined) {
    root.clearContext(requesterId);
    unit.driver.invalidateContext(oldDomain, requesterId, root.scalable);
    unit.copied.delete(requesterId);
  }
  root.setContext(requesterId, contextWords(host, root.scalable, domain));
  // A not-present entry may be cached only with caching mode; flushing costs little and is always right.
  unit.driver.invalidateContext(0, requesterId, root.scalable);
}

function contextWords(host: RemappingHost, scalable: boolean, domain: Domain): readonly number[] {
  const { levels, root } = domain.table;
  if (!scalable) return contextEntry({ pageTable: root, levels, domainId: domain.id });
  const pasids = new PasidTable(tableStorage(host));
  pasids.setEntry(
    0,
    pasidEntry({
      translationType: SECOND_LEVEL_TRANSLATION,
      domainId: domain.id,
      secondLevelTable: root,
      secondLevelLevels: levels,
    }),
  );
  return scalableContextEntry({ pasidDirectory: pasids.directory });
}

/** Maps memory for a function and returns the address that the device is to use. */
export function mapForDevice(
  host: RemappingHost,
  domain: Domain,
  identity: DmaIdentity,
  physical: Address,
  bytes: number,
): Address {
  const first = physical - (physical % 4096);
  const length = Math.ceil((physical + bytes - first) / 4096) * 4096;
  const iova =
    host.profile.first.addresses === 'guest-physical' && !host.isCrashKernel
      ? host.guestFrame(identity.requesterIds[0] as number)
      : domain.iova.allocate(length);
  domain.table.map(iova, first, length, { read: true, write: true });
  return iova + (physical - first);
}
