import type { CapturedFunctions } from './captured-functions.ts';
import { requesterName } from './requester-name.ts';
import type { Sender } from './senders.ts';

/** A physical function whose virtual functions include this requester ID (SR-IOV 3.3.8 to 3.3.10), seen or not. */
export function virtualFunctions(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const senders: Sender[] = [];
  for (const one of source.all) {
    if (one.place.segment !== segment) continue;
    const at = one.config.extendedCapability(0x10);
    if (at === 0) continue;
    const total = one.config.u16(at + 0x0e);
    const enabled = (one.config.u16(at + 0x08) & 1) === 0 ? 0 : one.config.u16(at + 0x10);
    const offset = one.config.u16(at + 0x14);
    const stride = one.config.u16(at + 0x16);
    const number = indexOf(requesterId - one.requesterId - offset, stride, total);
    if (offset === 0 || number === undefined) continue;
    const state =
      number < enabled
        ? `${enabled} were enabled when the capture was taken`
        : `of ${total} possible ones ${enabled} were enabled when the capture was taken, this one was not`;
    senders.push({
      how: 'virtual-function',
      functions: [one.name],
      explanation: `${requesterName(requesterId)} is virtual function ${number} of ${one.name}; ${state}`,
    });
  }
  return senders;
}

function indexOf(distance: number, stride: number, total: number): number | undefined {
  if (distance < 0 || total === 0) return undefined;
  if (stride === 0) return distance === 0 ? 0 : undefined;
  const number = distance / stride;
  return Number.isInteger(number) && number < total ? number : undefined;
}
