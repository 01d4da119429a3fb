import type { RegisterLayout } from '@quiesce/simulation';
import { absentErrorFeatures, absentMessages, absentServices } from './absent-features.ts';
import { accessControlServices, alternativeRoutingId } from './access-control.ts';
import { addressTranslationServices, pageRequest, processAddressSpaceId } from './address-translation.ts';
import { advancedErrorReporting, rootErrorReporting } from './advanced-error-reporting.ts';
import { advancedFeatures, advancedFeaturesReset } from './advanced-features.ts';
import { CapabilityId, ExtendedCapabilityId } from './capability-id.ts';
import type { ListedCapability } from './capability-list.ts';
import { ariForwarding, expressDevice, expressDevice2, functionLevelReset } from './express-device.ts';
import { PortType } from './express-kind.ts';
import { expressLink, expressLink2, linkDisable } from './express-link.ts';
import {
  attentionIndicator,
  crsVisibility,
  expressRoot,
  expressSlot,
  powerIndicator,
  slotPower,
} from './express-port.ts';
import {
  msiControl,
  msiData32,
  msiData64,
  msiMask32,
  msiMask64,
  msiUpperAddress,
  msix,
} from './message-interrupts.ts';
import { downstreamPortContainment } from './port-containment.ts';
import { powerManagement } from './power-management.ts';
import { deviceSerialNumber } from './serial-number.ts';
import { singleRootIoVirtualization } from './virtualization.ts';

const simple = new Map<number, readonly RegisterLayout[]>([
  [CapabilityId.powerManagement, [powerManagement]],
  [CapabilityId.msix, [msix]],
]);

const simpleExtended = new Map<number, readonly RegisterLayout[]>([
  [ExtendedCapabilityId.deviceSerialNumber, [deviceSerialNumber]],
  [ExtendedCapabilityId.alternativeRoutingId, [alternativeRoutingId]],
  [ExtendedCapabilityId.addressTranslationServices, [addressTranslationServices]],
  [ExtendedCapabilityId.singleRootIoVirtualization, [singleRootIoVirtualization]],
  [ExtendedCapabilityId.pageRequest, [pageRequest]],
  [ExtendedCapabilityId.processAddressSpaceId, [processAddressSpaceId]],
  [ExtendedCapabilityId.downstreamPortContainment, [downstreamPortContainment]],
]);

/**
 * The layouts that stand at a capability, chosen by what the captured bytes promise (an MSI with 64-bit address, a
 * slot, function level reset …). Empty for a capability that is not known here.
 */
export function capabilityLayouts(
  capability: ListedCapability,
  bytes: Uint8Array,
  portType: number | undefined,
): readonly RegisterLayout[] {
  if (capability.extended) {
    if (capability.id === ExtendedCapabilityId.advancedErrorReporting) {
      const root = portType === PortType.rootPort || portType === PortType.eventCollector;
      const absent = absentErrorFeatures(bytes, capability.offset);
      return [advancedErrorReporting, ...(root ? [rootErrorReporting] : []), ...absent];
    }
    if (capability.id === ExtendedCapabilityId.accessControlServices) {
      return [accessControlServices, ...absentServices(bytes, capability.offset)];
    }
    return simpleExtended.get(capability.id) ?? [];
  }
  if (capability.id === CapabilityId.msi) return msiLayouts(bytes, capability.offset);
  if (capability.id === CapabilityId.express) return expressLayouts(bytes, capability.offset);
  if (capability.id === CapabilityId.advancedFeatures) {
    const canReset = ((bytes[capability.offset + 3] ?? 0) & 2) !== 0;
    return canReset ? [advancedFeatures, advancedFeaturesReset] : [advancedFeatures];
  }
  return simple.get(capability.id) ?? [];
}

function msiLayouts(bytes: Uint8Array, at: number): readonly RegisterLayout[] {
  const control = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
  const layouts: RegisterLayout[] = [msiControl];
  const wide = (control & 0x80) !== 0;
  if (wide) layouts.push(msiUpperAddress);
  layouts.push(wide ? msiData64 : msiData32);
  if ((control & 0x100) !== 0) {
    const masks = wide ? msiMask64 : msiMask32;
    layouts.push(masks, ...absentMessages(masks, control));
  }
  return layouts;
}

function expressLayouts(bytes: Uint8Array, at: number): readonly RegisterLayout[] {
  const byte = (offset: number): number => bytes[at + offset] ?? 0;
  const version = byte(2) & 0xf;
  const type = byte(2) >>> 4;
  const facesDown = type === PortType.rootPort || type === PortType.downstreamPort;
  const integrated = type === PortType.rootComplexIntegrated || type === PortType.eventCollector;
  const layouts: RegisterLayout[] = [expressDevice];
  // Only endpoints have it (PCIe 7.5.3.3).
  const isEndpoint =
    type === PortType.endpoint || type === PortType.legacyEndpoint || type === PortType.rootComplexIntegrated;
  if (isEndpoint && (byte(7) & 0x10) !== 0) layouts.push(functionLevelReset);
  if (!integrated) layouts.push(expressLink);
  if (facesDown) layouts.push(linkDisable);
  if (facesDown && (byte(3) & 1) !== 0) {
    layouts.push(expressSlot);
    if ((byte(0x14) & 2) !== 0) layouts.push(slotPower);
    if ((byte(0x14) & 8) !== 0) layouts.push(attentionIndicator);
    if ((byte(0x14) & 0x10) !== 0) layouts.push(powerIndicator);
  }
  if (type === PortType.rootPort || type === PortType.eventCollector) {
    layouts.push(expressRoot);
    if ((byte(0x1e) & 1) !== 0) layouts.push(crsVisibility);
  }
  if (version >= 2) {
    layouts.push(expressDevice2);
    if (facesDown && (byte(0x24) & 0x20) !== 0) layouts.push(ariForwarding);
    if (!integrated) layouts.push(expressLink2);
  }
  return layouts;
}
