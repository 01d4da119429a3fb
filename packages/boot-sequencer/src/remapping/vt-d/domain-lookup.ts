import {
  contextDomainId,
  contextPresent,
  PasidTable,
  pasidEntryDomainId,
  pasidEntryPresent,
  RootTable,
  rootTableAddress,
  rootTableMode,
  SCALABLE_MODE,
  scalableContextPasidDirectory,
  scalableContextRidPasid,
} from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import { VTD } from './register-offsets.ts';
import type { UnitDriver } from './unit-driver.ts';

/**
 * The domain ID that tables in memory give a requester, from the root table that the unit has: what hardware finds if it
 * has nothing cached. Null without a present entry, or with translation off.
 */
export function domainIdInTables(
  host: RemappingHost,
  driver: UnitDriver,
  requesterId: number,
): number | null {
  if (!driver.translationOn) return null;
  const low = driver.handle.read32(VTD.rootTable);
  const address = rootTableAddress(low, driver.handle.read32(VTD.rootTable + 4));
  const { memory } = host.pages;
  const scalable = rootTableMode(low) === SCALABLE_MODE;
  const words = RootTable.at(address, { memory, scalable }).context(requesterId);
  if (words === undefined || !contextPresent(words[0] as number)) return null;
  if (!scalable) return contextDomainId(words[2] as number);
  const directory = scalableContextPasidDirectory(words[0] as number, words[1] as number);
  const entry = PasidTable.at(directory, { memory }).entry(scalableContextRidPasid(words[2] as number));
  if (entry === undefined || !pasidEntryPresent(entry[0] as number)) return null;
  return pasidEntryDomainId(entry[2] as number);
}
