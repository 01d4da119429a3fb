import { type CapturedFunctions, LAST_HARDWARE_SEGMENT } from './captured-functions.ts';
import { fewOf, type Sender } from './senders.ts';

/** Functions behind a volume management device: their own numbers end at it, and remapping units see only its ID. */
export function vmdChildren(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const devices = source.volumeManagement;
  const itself = devices.find((one) => one.place.segment === segment && one.requesterId === requesterId);
  if (itself === undefined) return [];
  const children = source.all.filter((one) => one.place.segment > LAST_HARDWARE_SEGMENT);
  const domains = [...new Set(children.map((one) => one.place.segment))].sort((a, b) => a - b);
  // Linux numbers the domains in the order in which it finds the devices; a gap means that it cannot be said.
  const own = devices.length === domains.length ? domains[devices.indexOf(itself)] : undefined;
  const behind = children
    .filter((one) => own === undefined || one.place.segment === own)
    .map((one) => one.name);
  if (behind.length === 0) return [];
  const doubt =
    own === undefined
      ? ` (${devices.length} such devices and ${domains.length} such domains: which belongs to which cannot be said)`
      : '';
  return [
    {
      how: 'vmd-child',
      functions: [itself.name, ...behind],
      explanation: `${itself.name} is a volume management device: what stands behind it (${fewOf(behind)}) sends under its requester ID${doubt}`,
    },
  ];
}

/**
 * A function of a software-made domain that has this requester ID there. With the device's own remapping of messages
 * bypassed, interrupts were seen under such numbers (commit 886e67100b90).
 */
export function numberedBehindVmd(source: CapturedFunctions, requesterId: number): Sender[] {
  const devices = source.volumeManagement;
  if (devices.length === 0) return [];
  const children = source.all.filter(
    (one) => one.place.segment > LAST_HARDWARE_SEGMENT && one.requesterId === requesterId,
  );
  if (children.length === 0) return [];
  const names = children.map((one) => one.name);
  const behind = fewOf(devices.map((one) => one.name));
  return [
    {
      how: 'vmd-child',
      functions: names,
      explanation: `no segment of the hardware has it; ${fewOf(names)} has this number behind a volume management device (${behind}), and sends messages under it where that device does not remap them`,
    },
  ];
}
