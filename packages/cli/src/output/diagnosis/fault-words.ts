import type { BootPhase, FaultGroup, LoggedFault, LoggedRequester } from '@quiesce/diagnose';

/** `04:00.0`, with its segment where the log says it. */
export function requesterWords(requester: LoggedRequester | undefined): string {
  if (requester === undefined) return 'lost';
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const { segment, bus, device, fn } = requester;
  const place = `${hex(bus, 2)}:${hex(device, 2)}.${fn}`;
  return segment === undefined ? place : `${hex(segment, 4)}:${place}`;
}

/** Who sent it: a requester, or the stream, device or endpoint of a unit that knows no requester IDs. */
export function senderWords({ requester, stream }: LoggedFault): string {
  return requester === undefined && stream !== undefined
    ? `stream 0x${stream.toString(16)}`
    : requesterWords(requester);
}

/** `DMA write`, `interrupt`. */
export function kindWords({ kind, operation, pasid }: LoggedFault): string {
  if (kind === 'interrupt') return 'interrupt';
  const space = pasid === undefined ? '' : `, PASID 0x${pasid.toString(16)}`;
  return `DMA${operation === undefined ? '' : ` ${operation}`}${space}`;
}

/** Address range of a group, or index of an interrupt. */
export function addressWords({ example, addresses }: FaultGroup): string {
  if (example.kind === 'interrupt')
    return example.index === undefined ? '' : `index 0x${example.index.toString(16)}`;
  if (addresses === undefined) return example.address === undefined ? '' : `0x${example.address}`;
  const trim = (hex: string): string => `0x${hex.replace(/^0+(?=.)/, '')}`;
  return addresses.lowest === addresses.highest
    ? trim(addresses.lowest)
    : `${trim(addresses.lowest)}–${trim(addresses.highest)}`;
}

/** `0x05 PTE Write access is not set (LSL.2)`. */
export function reasonWords({ reason, reasonText, section }: LoggedFault): string {
  const code = reason === undefined ? '' : `0x${reason.toString(16).padStart(2, '0')} `;
  const clause = section === undefined ? '' : ` (VT-d ${section})`;
  return `${code}${reasonText}${clause}` || 'lost';
}

const phases: Readonly<Record<BootPhase, string>> = {
  unknown: '',
  'early-boot': 'early boot',
  'interrupt-remapping-setup': 'interrupt remapping set-up',
  'before-dma-remapping': 'before DMA remapping',
  'dma-remapping-setup': 'DMA remapping set-up',
  drivers: 'drivers load',
  running: 'running',
  crash: 'crash',
};

/** A phase for people. */
export function phaseWords(phase: BootPhase): string {
  return phases[phase];
}

/** `12`, `12–40`. */
export function lineWords(first: number, last: number): string {
  return first === last ? `${first}` : `${first}–${last}`;
}
