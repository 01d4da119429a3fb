import {
  contextEntry,
  PASID_PASS_THROUGH,
  PASS_THROUGH,
  PasidTable,
  pasidEntry,
  SECOND_LEVEL_TRANSLATION,
  scalableContextEntry,
  TRANSLATE_UNTRANSLATED_ONLY,
  TRANSLATE_WITH_DEVICE_TLB,
} from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import { tableStorage } from './table-storage.ts';
import type { Domain, UnitState } from './unit-state.ts';

/** A context entry that leads a requester into a domain; in scalable mode with a PASID table of its own. */
export function contextWords(
  host: RemappingHost,
  unit: UnitState,
  scalable: boolean,
  domain: Domain,
  deviceTlb: boolean,
): readonly number[] {
  const { id: domainId, table } = domain;
  if (!scalable) {
    if (table === undefined) {
      return contextEntry({ translationType: PASS_THROUGH, levels: unit.driver.widestLevels, domainId });
    }
    const translationType = deviceTlb ? TRANSLATE_WITH_DEVICE_TLB : TRANSLATE_UNTRANSLATED_ONLY;
    return contextEntry({ translationType, pageTable: table.root, levels: table.levels, domainId });
  }
  const pasids = new PasidTable(tableStorage(host));
  pasids.setEntry(
    0,
    table === undefined
      ? pasidEntry({
          translationType: PASID_PASS_THROUGH,
          domainId,
          secondLevelLevels: unit.driver.levels,
        })
      : pasidEntry({
          translationType: SECOND_LEVEL_TRANSLATION,
          domainId,
          secondLevelTable: table.root,
          secondLevelLevels: table.levels,
        }),
  );
  return scalableContextEntry({ pasidDirectory: pasids.directory, deviceTlb });
}
