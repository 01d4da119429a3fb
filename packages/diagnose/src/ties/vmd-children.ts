import { type CapturedFunctions, LAST_HARDWARE_SEGMENT } from './captured-functions.ts';
import { isVolumeManagementDevice } from './known-devices.ts';
import { fewOf, type Sender } from './senders.ts';

/** Functions behind a volume management device: their own numbers end at it, and remapping units see only its ID. */
export function vmdChildren(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const devices = source.all.filter(
    (one) => one.place.segment <= LAST_HARDWARE_SEGMENT && isVolumeManagementDevice(one.config),
  );
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
