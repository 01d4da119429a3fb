import type { EndpointDescription, EndpointTraits } from '@quiesce/pcie-model';
import { endpointKindOf, endpointOf, OWN_FRAME_BUFFER } from '../build/endpoint-kinds.ts';
import type { ConfigReader } from '../description/config-reader.ts';
import { messagePassingController } from '../known-devices/storage-controllers.ts';

/**
 * The endpoint that a function most likely is, by its class and its capabilities. A display behind a bridge has memory of its
 * own; one on a root bus shows a picture in the host's.
 */
export function endpointFor(config: ConfigReader, onRootBus: boolean): EndpointDescription {
  const kind = kindOf(config);
  if (kind === 'idle') return endpointOf('idle');
  const ats = config.extendedCapability(0x0f);
  const usesAts = ats !== 0 && (config.u16(ats + 6) & 0x8000) !== 0;
  const express = config.capability(0x10);
  const payload = express === 0 ? 0 : (config.u16(express + 8) >> 5) & 7;
  const rate = kind === 'scan-out' && !onRootBus ? { ratePerSecond: OWN_FRAME_BUFFER } : {};
  return endpointOf(
    kind,
    { interrupt: interruptOf(config), usesAts, ...habitsOf(config, kind) },
    { burstBytes: 128 << Math.min(payload, 5), ...rate },
  );
}

function kindOf(config: ConfigReader): EndpointDescription['kind'] {
  if (config.isAbsent || config.headerType !== 0) return 'idle';
  // Intel's SATA controllers in RAID mode have another class, and the same registers at BAR 5.
  const intelRaid = config.u16(0) === 0x8086 && config.classCode >>> 8 === 0x0104 && config.u32(0x24) !== 0;
  if (intelRaid) return 'ahci';
  return messagePassingController(config) === undefined ? endpointKindOf(config.classCode) : 'mpt';
}

/**
 * What a kind does that others do not: firmware of message-passing controllers goes to the state FAULT when a read of it is
 * refused, and USB controllers halt (EHCI 4.15.2.4, xHCI 4.10.2.6).
 */
function habitsOf(config: ConfigReader, kind: EndpointDescription['kind']): Partial<EndpointTraits> {
  if (kind === 'ehci') return { onRefusal: 'stop-until-reset', ...legacySupportOf(config) };
  return kind === 'mpt' || kind === 'xhci' ? { onRefusal: 'stop-until-reset' } : {};
}

/** Where Intel's and AMD's EHCI controllers have their legacy support: no pointer of config space leads there. */
const LEGACY_SUPPORT = [0x68, 0xa0] as const;
/** Of USBLEGSUP, all but the two semaphores: a capability with the ID 1, and none after it (EHCI 2.1.7). */
const LEGACY_MASK = 0xfefe_ffff;

function legacySupportOf(config: ConfigReader): Partial<EndpointTraits> {
  const offset = LEGACY_SUPPORT.find((at) => (config.u32(at) & LEGACY_MASK) >>> 0 === 1);
  return offset === undefined ? {} : { legacySupport: offset };
}

/** Why {@link endpointFor} says what it says, for the list of what was inferred. */
export function endpointReason(config: ConfigReader, kind: EndpointDescription['kind']): string {
  const controller = kind === 'mpt' ? messagePassingController(config) : undefined;
  if (controller === undefined) return 'by its class; traits and load are the usual ones';
  const { name, assumed } = controller;
  if (assumed === undefined)
    return `${name}: by its vendor, device and class; traits and load are the usual ones`;
  return `${name}: taken for a Fusion-MPT controller, by its vendor and class (${assumed})`;
}

/** What was enabled when the machine was captured, or else the best that the function has. */
function interruptOf(config: ConfigReader): EndpointTraits['interrupt'] {
  const msi = config.capability(0x05);
  const msix = config.capability(0x11);
  if (msix !== 0 && (config.u16(msix + 2) & 0x8000) !== 0) return 'msi-x';
  if (msi !== 0 && (config.u16(msi + 2) & 1) !== 0) return 'msi';
  if (msix !== 0) return 'msi-x';
  if (msi !== 0) return 'msi';
  return config.u8(0x3d) === 0 ? 'none' : 'intx';
}
