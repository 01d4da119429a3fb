import { requesterName } from '@quiesce/machine';
import type { CapturedFunctions } from './captured-functions.ts';
import type { Sender } from './senders.ts';

/** A physical function whose virtual functions include this requester ID (SR-IOV 3.3.8 to 3.3.10), seen or not. */
export function virtualFunctions(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const senders: Sender[] = [];
  for (const one of source.physicalFunctions) {
    const { place, requesterId: own, name } = one.function;
    const { totalVfs: total, enabledVfs: enabled, firstOffset: offset, stride } = one;
    if (place.segment !== segment || offset === 0) continue;
    const number = indexOf(requesterId - own - offset, stride, total);
    if (number === undefined) continue;
    const state =
      number < enabled
        ? `${enabled} were enabled when the capture was taken`
        : `of ${total} possible ones ${enabled} were enabled when the capture was taken, this one was not`;
    senders.push({
      how: 'virtual-function',
      functions: [name],
      explanation: `${requesterName(requesterId)} is virtual function ${number} of ${name}; ${state}`,
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
