import {
  CapturedTopology,
  ConfigReader,
  type FunctionPlace,
  hexToBytes,
  knownAs,
  type Machine,
  type MachineScopes,
  parseFunctionName,
  requesterIdOf,
  scopesOfMachine,
} from '@quiesce/machine';

/** A function of the capture. */
export interface CapturedFunction {
  readonly name: string;
  readonly place: FunctionPlace;
  readonly requesterId: number;
  readonly config: ConfigReader;
  /** Vendor and device as people call them, or their IDs. */
  readonly label: string;
}

/** A bridge with the buses below it. */
export interface CapturedBridge {
  readonly bridge: CapturedFunction;
  readonly below: { readonly first: number; readonly last: number };
}

/** A physical function with its SR-IOV capability (SR-IOV 3.3). */
export interface PhysicalFunction {
  readonly function: CapturedFunction;
  readonly totalVfs: number;
  readonly enabledVfs: number;
  readonly firstOffset: number;
  readonly stride: number;
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
  /** What its DMAR table names; what is wrong with a table stands in the notes of the import. */
  readonly scopes: MachineScopes;
  /** What ties look for again and again is looked up once. */
  readonly bridges: readonly CapturedBridge[];
  readonly physicalFunctions: readonly PhysicalFunction[];
  /** Volume management devices, in the order of their names. */
  readonly volumeManagement: readonly CapturedFunction[];
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
    this.scopes = scopesOfMachine(machine, this.topology);
    this.bridges = this.all.flatMap((bridge) => {
      const { segment, bus, device, fn } = bridge.place;
      const below = this.topology.busesBelow(segment, bus, device, fn);
      return below === undefined || below.first <= bus ? [] : [{ bridge, below }];
    });
    this.physicalFunctions = this.all.flatMap(physicalFunction);
    this.volumeManagement = this.all.filter(
      ({ place, config }) =>
        place.segment <= LAST_HARDWARE_SEGMENT && knownAs('volumeManagement', config) !== undefined,
    );
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

function physicalFunction(one: CapturedFunction): PhysicalFunction[] {
  const { config } = one;
  const at = config.extendedCapability(0x10);
  if (at === 0) return [];
  const isEnabled = (config.u16(at + 0x08) & 1) !== 0;
  return [
    {
      function: one,
      totalVfs: config.u16(at + 0x0e),
      enabledVfs: isEnabled ? config.u16(at + 0x10) : 0,
      firstOffset: config.u16(at + 0x14),
      stride: config.u16(at + 0x16),
    },
  ];
}

function key(segment: number, requesterId: number): number {
  return segment * 0x1_0000 + requesterId;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
