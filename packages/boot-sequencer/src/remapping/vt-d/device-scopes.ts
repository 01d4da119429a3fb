import type { PciDevice } from '@quiesce/strategy';
import {
  type DeviceScope,
  includesAll,
  resolveScopeSet,
  SCOPE_ACPI_DEVICE,
  SCOPE_BRIDGE,
  SCOPE_ENDPOINT,
  type ScopeTopology,
} from '@quiesce/vtd-iommu';
import { PCI } from '../../pci/registers.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { UnitState } from './unit-state.ts';

/** Base class of display controllers. */
const DISPLAY = 0x03;

/** The driver ignores this unit: no function of its scope was found (init_no_remapping_devices). */
export function isIgnored(host: RemappingHost, unit: UnitState): boolean {
  const { handle } = unit.driver;
  const base = host.registerBaseOf?.(handle);
  const drhd = host.dmar?.structures.find(
    (one) => one.type === 'DRHD' && one.segment === handle.segment && one.registerBase === base,
  );
  if (drhd?.type !== 'DRHD' || includesAll(drhd)) return false;
  // A device known by its ACPI name alone counts as found.
  if (drhd.scopes.some(({ type }) => type === SCOPE_ACPI_DEVICE)) return false;
  const found = functionsInScope(host, drhd.segment, drhd.scopes);
  if (found.length === 0) return true;
  return !host.profile.remapping.mapsGraphics && found.every((one) => one.classCode >>> 16 === DISPLAY);
}

/** Functions that endpoint and bridge scopes name, as the kernel enumerated them. */
export function functionsInScope(
  host: RemappingHost,
  segment: number,
  scopes: readonly DeviceScope[],
): readonly PciDevice[] {
  const devices = host.devices?.() ?? [];
  const pci = scopes.filter(({ type }) => type === SCOPE_ENDPOINT || type === SCOPE_BRIDGE);
  const { functions, subtrees } = resolveScopeSet(segment, pci, topologyOf(devices));
  return [...functions, ...subtrees].flatMap(({ requesterId }) => at(devices, segment, requesterId) ?? []);
}

/** Ways of scopes go through the bus numbers that bridges have now. */
function topologyOf(devices: readonly PciDevice[]): ScopeTopology {
  return {
    hasFunction: (segment, bus, device, fn) =>
      at(devices, segment, (bus << 8) | (device << 3) | fn) !== undefined,
    busesBelow: (segment, bus, device, fn) => {
      const bridge = at(devices, segment, (bus << 8) | (device << 3) | fn);
      if (bridge === undefined || bridge.headerType !== 1) return undefined;
      const first = bridge.readConfig8(PCI.secondaryBus);
      const last = bridge.readConfig8(PCI.subordinateBus);
      return first === 0 || last < first ? undefined : { first, last };
    },
  };
}

function at(devices: readonly PciDevice[], segment: number, requesterId: number): PciDevice | undefined {
  return devices.find(
    (one) => one.segment === segment && ((one.bus << 8) | (one.device << 3) | one.fn) === requesterId,
  );
}
