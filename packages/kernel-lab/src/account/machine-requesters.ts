import {
  CapturedTopology,
  hexToBytes,
  type Machine,
  type MachineFunction,
  parseFunctionName,
  requesterIdOf,
  segmentedName,
} from '@quiesce/machine';
import { assert } from '@quiesce/simulation';

/** A function of a machine, and under which requester ID units see its requests. */
export interface MachineRequester {
  /** `0000:01:00.0` */
  readonly name: string;
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** Behind a conventional bridge another one than its own place gives. */
  readonly requesterId: number;
  /** `01:00.0`, with the segment in front if it is not 0: the ID as kernels print it. */
  readonly requesterName: string;
  readonly isBridge: boolean;
  readonly described: MachineFunction;
}

/** Every function of a machine, as it was captured. */
export function machineRequesters(machine: Machine): MachineRequester[] {
  const placed = machine.functions.map((described) => {
    const place = parseFunctionName(described.name);
    const bytes = hexToBytes(described.config);
    assert(place !== undefined && bytes !== undefined, `${described.name} is not described as it should be`);
    return { ...place, bytes, described };
  });
  const topology = new CapturedTopology(placed);
  return placed.map(({ bytes, described, ...place }) => {
    // The bridge next to the root complex has the last word.
    const requesterId =
      [...topology.aliases(place.segment, requesterIdOf(place))].at(-1) ?? requesterIdOf(place);
    return {
      ...place,
      name: described.name,
      requesterId,
      requesterName: segmentedName(place.segment, requesterId),
      isBridge: ((bytes[0x0e] ?? 0) & 0x7f) === 1,
      described,
    };
  });
}
