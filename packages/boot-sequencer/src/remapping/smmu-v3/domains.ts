import { type Address, assert } from '@quiesce/simulation';
import {
  abortStreamEntry,
  bypassStreamEntry,
  contextDescriptor,
  invalidateAsid,
  invalidateStream,
  PageTable,
  StreamTable,
  StreamTableFormat,
  stage1StreamEntry,
  streamEntryPasses,
  writeWords,
} from '@quiesce/smmu-v3';
import { currentSmmuProfile } from '../../profile/smmu-profile.ts';
import { IovaSpace } from '../iova-space.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { type Domain, tableStorage, type UnitState } from './unit-state.ts';

const LEVELS = 4;

/** The table of a kernel that begins anew: two levels where the unit has them, a second level for each bus. */
export function newStreamTable(host: RemappingHost, unit: UnitState): StreamTable {
  const { twoLevelStreamTable, streamIdBits } = unit.driver.features;
  const { unattachedStreams } = host.profile.smmu ?? currentSmmuProfile;
  return StreamTable.create({
    ...tableStorage(host),
    format: twoLevelStreamTable ? StreamTableFormat.twoLevel : StreamTableFormat.linear,
    log2Size: Math.min(16, streamIdBits),
    initial: unattachedStreams === 'bypass' ? bypassStreamEntry() : abortStreamEntry(),
  });
}

/** The domain of a function: the one it has, the one handed over for it, or a new one. */
export function attachDomain(host: RemappingHost, unit: UnitState, identity: DmaIdentity): Domain {
  const streamId = identity.requesterIds[0] as number;
  const present = unit.domains.get(streamId);
  if (present !== undefined) return present;
  const adopted = unit.adoptable.get(streamId);
  if (adopted !== undefined) {
    unit.domains.set(streamId, adopted);
    return adopted;
  }
  const domain: Domain = {
    asid: freeAsid(unit),
    table: new PageTable({ ...tableStorage(host), stage: 1, levels: LEVELS }),
    iova: new IovaSpace(),
  };
  const context = host.pages.allocate();
  const { root } = domain.table;
  writeWords(
    tableStorage(host),
    context,
    contextDescriptor({ pageTable: root, levels: LEVELS, asid: domain.asid }),
  );
  for (const id of identity.requesterIds) {
    writeStreamEntry(host, unit, id, stage1StreamEntry({ context }));
    unit.domains.set(id, domain);
  }
  return domain;
}

/** The function's requests pass as they are (iommu.passthrough=1). */
export function attachPassthrough(host: RemappingHost, unit: UnitState, identity: DmaIdentity): void {
  for (const id of identity.requesterIds) writeStreamEntry(host, unit, id, bypassStreamEntry());
}

/** Whether the old kernel's table lets requests of a function through (arm_smmu_is_attach_deferred). */
export function mayHaveRequests(unit: UnitState, identity: DmaIdentity): boolean {
  return identity.requesterIds.some((id) => {
    const entry = unit.table?.entry(id);
    return entry !== undefined && streamEntryPasses(entry[0] as number);
  });
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
  const guest = host.profile.first.addresses === 'guest-physical' && !host.isCrashKernel;
  const iova = guest ? host.guestFrame(identity.requesterIds[0] as number) : domain.iova.allocate(length);
  domain.table.map(iova, first, length, { read: true, write: true });
  return iova + (physical - first);
}

/** Break before make: the entry goes, its cached copies go, the new one comes (arm_smmu_write_ste). */
function writeStreamEntry(
  host: RemappingHost,
  unit: UnitState,
  streamId: number,
  words: readonly number[],
): void {
  const { driver } = unit;
  const table = (unit.table ??= newStreamTable(host, unit));
  const at = table.entryAddress(streamId);
  if (at !== undefined) {
    host.pages.memory.write32(at, 0, host.writer);
    driver.submit(invalidateStream(streamId));
  }
  const oldAsid = unit.adoptedEntries.get(streamId);
  if (oldAsid !== undefined) {
    driver.submit(invalidateAsid(oldAsid));
    unit.adoptedEntries.delete(streamId);
  }
  table.setEntry(streamId, words);
  driver.submit(invalidateStream(streamId));
}

function freeAsid(unit: UnitState): number {
  let asid = 1;
  while (unit.usedAsids.has(asid)) asid++;
  assert(asid <= 0xffff, 'no ASID is left');
  unit.usedAsids.add(asid);
  return asid;
}
