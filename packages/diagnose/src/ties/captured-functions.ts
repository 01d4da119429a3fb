import {
  CapturedTopology,
  ConfigReader,
  type FunctionPlace,
  hexToBytes,
  type Machine,
  parseFunctionName,
  requesterIdOf,
} from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { parseDmar, type ResolvedDmar, resolveScopes } from '@quiesce/vtd-iommu';

/** A function of the capture. */
export interface CapturedFunction {
  readonly name: string;
  readonly place: FunctionPlace;
  readonly requesterId: number;
  readonly config: ConfigReader;
  /** Vendor and device as people call them, or their IDs. */
  readonly label: string;
}

/** Domains above this one are made by software: no remapping unit sees them. */
export const LAST_HARDWARE_SEGMENT = 0xffff;

/** The functions of a captured machine by requester ID, and what its DMAR table says of them. */
export class CapturedFunctions {
  readonly machine: Machine;
  readonly all: readonly CapturedFunction[];
  /** Segments that hardware knows, ascending. */
  readonly segments: readonly number[];
  readonly topology: CapturedTopology;
  readonly scopes: ResolvedDmar | undefined;
  readonly #byRequester = new Map<number, CapturedFunction>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.all = machine.functions.flatMap((one) => {
      const place = parseFunctionName(one.name);
      const bytes = hexToBytes(one.config);
      if (place === undefined || bytes === undefined) return [];
      const config = new ConfigReader(bytes);
      const label =
        one.label?.replace(/ \((?:rev|prog-if) .{0,200}$/, '') ??
        `${hex4(config.u16(0))}:${hex4(config.u16(2))}`;
      return [{ name: one.name, place, requesterId: requesterIdOf(place), config, label }];
    });
    for (const one of this.all) this.#byRequester.set(key(one.place.segment, one.requesterId), one);
    const segments = new Set(this.all.map((one) => one.place.segment));
    this.segments = [...segments].filter((one) => one <= LAST_HARDWARE_SEGMENT).sort((a, b) => a - b);
    const placed = this.all.map(({ place, config }) => ({ ...place, bytes: config.bytes }));
    this.topology = new CapturedTopology(placed);
    this.scopes = scopesOf(machine, this.topology);
  }

  at(segment: number, requesterId: number): CapturedFunction | undefined {
    return this.#byRequester.get(key(segment, requesterId));
  }

  /** Functions on the buses from `first` to `last`, both included. */
  onBuses(segment: number, first: number, last: number): CapturedFunction[] {
    return this.all.filter(
      ({ place }) => place.segment === segment && place.bus >= first && place.bus <= last,
    );
  }
}

/** A table that cannot be read gives no scopes: what is wrong with it stands in the notes of the import. */
function scopesOf(machine: Machine, topology: CapturedTopology): ResolvedDmar | undefined {
  const bytes = machine.dmar === undefined ? undefined : hexToBytes(machine.dmar);
  if (bytes === undefined) return undefined;
  try {
    return resolveScopes(parseDmar(bytes), topology);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function key(segment: number, requesterId: number): number {
  return segment * 0x1_0000 + requesterId;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
