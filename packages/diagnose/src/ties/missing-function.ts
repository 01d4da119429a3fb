import { requesterName } from '@quiesce/machine';
import type { CapturedFunctions } from './captured-functions.ts';
import { fewOf, type Sender } from './senders.ts';

/** A tie that names nobody, with those who could be behind it. */
export interface MissingSender extends Sender {
  readonly candidates: readonly string[];
}

/** What can be said of a requester ID that the capture does not have: never more than who stands nearby. */
export function missingFunction(
  source: CapturedFunctions,
  segment: number,
  requesterId: number,
): MissingSender {
  const shown = requesterName(requesterId);
  const bus = requesterId >>> 8;
  const neighbours = source.onBuses(segment, bus, bus);
  const siblings = neighbours
    .filter((one) => one.requesterId >>> 3 === requesterId >>> 3)
    .map((one) => one.name);
  if (siblings.length > 0) {
    return {
      how: 'hidden-function',
      functions: [],
      candidates: siblings,
      explanation: `the capture has no function ${shown}, and ${fewOf(siblings)} of the same device: a function that firmware hides (as of management engines), or a function number that the device uses by a defect`,
    };
  }
  if (neighbours.length > 0) {
    const names = neighbours.map((one) => one.name);
    return {
      how: 'not-found',
      functions: [],
      candidates: names,
      explanation: `the capture has no device ${shown}; on its bus stand ${fewOf(names)}: removed or hidden since, or an ID that one of them uses by a defect`,
    };
  }
  const bridges = source.bridges.filter(
    ({ bridge, below }) => bridge.place.segment === segment && below.first <= bus && below.last >= bus,
  );
  const names = bridges.map(({ bridge }) => bridge.name);
  return {
    how: 'not-found',
    functions: [],
    candidates: names,
    explanation:
      names.length > 0
        ? `the capture has nothing on bus ${requesterName(bus << 8).slice(0, 2)}; it lies below ${fewOf(names)}: hot-plugged since, or numbered otherwise by another kernel`
        : `the capture has no bus ${requesterName(bus << 8).slice(0, 2)}: another machine, another numbering, or an ID of the platform that no table names`,
  };
}
