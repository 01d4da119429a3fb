import {
  type AmdTableStorage,
  deviceTableEntry,
  IoPageTable,
  readDeviceTableEntry,
} from '@quiesce/amd-iommu';
import { type Address, assert } from '@quiesce/simulation';
import { amdRemappingOf } from '../../profile/amd-eras.ts';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { AmdDomain, AmdUnitState } from './amd-unit-state.ts';

/** Levels that Linux begins a page table with (`DEFAULT_PGTABLE_LEVEL`): 39 bits. */
const LEVELS = 3;

/** Tables are made of the kernel's own pages. */
export function amdTableStorage(host: RemappingHost): AmdTableStorage {
  return {
    memory: host.pages.memory,
    writer: host.writer,
    allocatePage: () => host.pages.allocate(),
  };
}

/**
 * The domain of a function: the one it has, the one handed over for it, that of its group, or a new one.
 * @returns undefined if this kernel cannot attach the function to any
 */
export function attachAmdDomain(
  host: RemappingHost,
  unit: AmdUnitState,
  identity: DmaIdentity,
): AmdDomain | undefined {
  const { sharedDomains, deferredAttach } = host.profile.remapping;
  const own = identity.requesterIds.at(-1) as number;
  const present = unit.domains.get(own);
  if (present !== undefined) return present;
  const adopted = unit.adoptable.get(identity.requesterIds[0] as number);
  const { group } = identity;
  const shared = group !== undefined && group.size > 1;
  // iommu_attach_device refuses a device that is not alone in its group.
  if (adopted === undefined && unit.deferred && deferredAttach === 'lone-devices' && shared) return undefined;
  const known = sharedDomains === 'group' && shared ? unit.groupDomains.get(group.index) : undefined;
  const domain = adopted ?? known ?? newDomain(host, unit, identity);
  if (shared) unit.groupDomains.set(group.index, domain);
  for (const id of identity.requesterIds) {
    if (adopted === undefined && !unit.domains.has(id) && id <= unit.lastRequesterId) {
      writeEntry(host, unit, id, domain);
    }
    unit.domains.set(id, domain);
  }
  return domain;
}

function newDomain(host: RemappingHost, unit: AmdUnitState, identity: DmaIdentity): AmdDomain {
  const regions = host.reservedRegions.filter(
    ({ segment, requesterIds }) =>
      segment === identity.segment && requesterIds.some((id) => identity.requesterIds.includes(id)),
  );
  const id = freeDomainId(unit);
  if (!host.isCrashKernel && host.profile.first.defaultDomain === 'passthrough') {
    return { id, table: undefined, iova: new IovaSpace() };
  }
  const table = new IoPageTable({ ...amdTableStorage(host), levels: LEVELS });
  // Unity maps (IVMD): firmware goes on using its regions.
  for (const { start, end } of regions) {
    if (end <= start) continue;
    const first = start - (start % 4096);
    table.map(first, first, Math.ceil((end - first) / 4096) * 4096, { read: true, write: true });
  }
  return { id, table, iova: new IovaSpace(regions) };
}

function freeDomainId(unit: AmdUnitState): number {
  let id = 1;
  while (unit.usedDomainIds.has(id)) id++;
  assert(id <= 0xffff, 'no domain ID is left');
  unit.usedDomainIds.add(id);
  return id;
}

/** `set_dte_entry` and `device_flush_dte`: the DMA half alone, interrupts stay as they are. */
function writeEntry(host: RemappingHost, unit: AmdUnitState, requesterId: number, domain: AmdDomain): void {
  const { table, driver } = unit;
  if (table === undefined) return;
  const old = readDeviceTableEntry(table.words(requesterId));
  const words = deviceTableEntry({
    valid: true,
    translationValid: true,
    levels: domain.table?.levels ?? 0,
    pageTable: domain.table?.root ?? 0,
    read: true,
    write: true,
    domainId: domain.id,
  });
  table.setWords(requesterId, words.slice(0, 4));
  // In this order: until the entry itself is flushed, the unit may fill what was flushed of the domain again.
  if (old.domainId !== 0 && amdRemappingOf(host.profile).flushesOldDomain) driver.flushDomain(old.domainId);
  driver.flushDevice(requesterId);
}

/** Maps memory for a function and returns the address that the device is to use. */
export function mapInAmdDomain(
  host: RemappingHost,
  domain: AmdDomain,
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
