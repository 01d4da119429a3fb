import type { PciDevice } from '@quiesce/strategy';
import { ATSR_ALL_PORTS, SATC_ATC_REQUIRED } from '@quiesce/vtd-iommu';
import { PortType } from '../../pci/registers.ts';
import type { DmaIdentity } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import { functionsInScope } from './device-scopes.ts';
import type { UnitState } from './unit-state.ts';

/** Extended capability of Address Translation Services (PCIe 10.5.1), its control register, and Enable in it. */
const ATS = 0x0f;
const ATS_CONTROL = 6;
const ATS_ENABLE = 0x8000;

/** The driver lets this function keep translations of its own (dmar_ats_supported). */
export function usesAts(host: RemappingHost, unit: UnitState, identity: DmaIdentity): boolean {
  const { device } = identity;
  const { enablesAts } = host.profile.remapping;
  if (enablesAts === 'never' || !unit.driver.supportsDeviceTlb || device === undefined) return false;
  if (host.dmar === undefined || device.findExtendedCapability(ATS) === 0) return false;
  return allowedByTable(host, device, unit.root?.scalable === true);
}

function allowedByTable(host: RemappingHost, device: PciDevice, scalable: boolean): boolean {
  const structures = host.dmar?.structures ?? [];
  for (const one of structures) {
    if (one.type !== 'SATC' || one.segment !== device.segment) continue;
    if (!functionsInScope(host, one.segment, one.scopes).includes(device)) continue;
    // In legacy mode hardware enables by itself what cannot do without.
    return scalable || (one.flags & SATC_ATC_REQUIRED) === 0;
  }
  let bridge = device.upstream;
  while (bridge !== undefined && bridge.pcieType !== PortType.rootPort) {
    if (bridge.pcieType === undefined || bridge.pcieType === PortType.toPciBridge) return false;
    bridge = bridge.upstream;
  }
  // Integrated in the root complex.
  if (bridge === undefined) return true;
  for (const one of structures) {
    if (one.type !== 'ATSR' || one.segment !== device.segment) continue;
    if ((one.flags & ATSR_ALL_PORTS) !== 0) return true;
    if (functionsInScope(host, one.segment, one.scopes).includes(bridge)) return true;
  }
  return false;
}

/** Sets Enable (pci_enable_ats). Where the old kernel had set it, nothing changes, and the function keeps what it has. */
export function enableAts(unit: UnitState, identity: DmaIdentity): void {
  const at = identity.device?.findExtendedCapability(ATS) ?? 0;
  if (at === 0) return;
  identity.device?.writeConfig16(at + ATS_CONTROL, ATS_ENABLE);
  unit.atsEnabled.add(identity.requesterIds.at(-1) as number);
}

/** In scalable mode of 2025 and later: when functions become known to the driver (intel_iommu_probe_finalize). */
export function enableAtsEarly(host: RemappingHost, unit: UnitState, identity: DmaIdentity): void {
  if (host.profile.remapping.enablesAts !== 'early-if-scalable' || unit.root?.scalable !== true) return;
  if (usesAts(host, unit, identity)) enableAts(unit, identity);
}
