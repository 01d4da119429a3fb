import {
  createEngine,
  EcamWindow,
  type EndpointDescription,
  type FabricMode,
  type FabricObserver,
  type FunctionDescription,
  PcieFabric,
  PcieHierarchy,
  Type1Mechanism,
} from '@quiesce/pcie-model';
import {
  AssertionError,
  assert,
  type EventCalendar,
  PhysicalMemory,
  RunningHash,
  StateSet,
} from '@quiesce/simulation';
import { hexToBytes } from '../build/config-bytes.ts';
import type { PlacedConfig } from '../description/captured-topology.ts';
import { parseFunctionName } from '../description/function-name.ts';
import type { Machine, MachineFunction } from '../description/machine.ts';
import type { AssembledUnit } from './create-unit.ts';
import {
  type AssembledRemapping,
  assembleRemapping,
  type InterruptSource,
  type ReservedRegion,
} from './remapping-units.ts';

/** What a machine needs from outside to live. */
export interface AssembleOptions {
  /** Whose time the machine lives in. */
  readonly calendar: EventCalendar;
  /** Is told all that happens on the fabric. */
  readonly observer: FabricObserver;
  /** Default `steady-steps`. */
  readonly mode?: FabricMode;
}

/** A machine of which every part is there: memory, functions with their engines, fabric, units. */
export interface AssembledMachine {
  readonly machine: Machine;
  readonly memory: PhysicalMemory;
  readonly hierarchy: PcieHierarchy;
  readonly fabric: PcieFabric;
  /** In the order of `machine.units`. */
  readonly units: readonly AssembledUnit[];
  /** Ports 0xCF8 and 0xCFC: segment 0, 256 bytes. */
  readonly type1: Type1Mechanism;
  /** One per segment that has a window. */
  readonly ecam: readonly EcamWindow[];
  /** RMRRs by the requesters that may use them. */
  readonly reservedRegions: readonly ReservedRegion[];
  /** IO-APICs and HPETs that a unit's scope names. */
  readonly interruptSources: readonly InterruptSource[];
  readonly remapping: AssembledRemapping;
  /** The unit that this requester's requests pass; undefined if none covers it. */
  unitFor(segment: number, requesterId: number): AssembledUnit | undefined;
  /** Plain data: all that the machine remembers but the calendar, which is not its own. */
  snapshot(): Record<string, unknown>;
  restore(state: Record<string, unknown>): void;
  /** Sixteen hexadecimal digits over the whole state. */
  hash(): string;
}

/**
 * Builds the hardware that a machine describes, as it was captured: nothing runs before software programs it.
 * @throws UserError `MACHINE_UNIT`, `ENDPOINT_KIND`, `ENDPOINT_WORKLOAD`, `BAR_SIZE` and those of parseDmar and of the
 * hierarchy, if the machine did not come through {@link parseMachine}
 */
export function assembleMachine(machine: Machine, options: AssembleOptions): AssembledMachine {
  const { calendar, observer, mode = 'steady-steps' } = options;
  const descriptions = machine.functions.map((one) => describe(one, machine.workload.intensity));
  const placed: PlacedConfig[] = descriptions.map((one) => ({ ...one, bytes: one.config }));
  const memory = new PhysicalMemory(machine.memoryMap);
  const remapping = assembleRemapping(machine, placed, memory, (segment, requesterId, address, bytes) =>
    fabric.invalidateDeviceTlb(segment, requesterId, address, bytes),
  );
  const hierarchy = new PcieHierarchy({
    functions: descriptions,
    rootComplexes: machine.rootComplexes,
    now: () => calendar.now,
  });
  const fabric: PcieFabric = new PcieFabric({
    hierarchy,
    memory,
    unitFor: remapping.unitFor,
    units: remapping.units,
    platform: machine.platform,
    observer,
    clock: calendar,
    mode,
  });
  for (const [index, one] of machine.functions.entries()) {
    const fn = hierarchy.byName(one.name);
    assert(fn !== undefined, `${one.name} did not get into the hierarchy`);
    const { endpoint } = fn.description;
    if (endpoint.kind !== 'idle') fabric.attachEngine(fn, createEngine(endpoint, { seed: seedOf(index) }));
  }
  const state = new StateSet();
  state.add('memory', memory);
  state.add('hierarchy', hierarchy);
  state.add('fabric', fabric);
  for (const unit of remapping.units) state.add(unit.name, unit);
  return {
    machine,
    memory,
    hierarchy,
    fabric,
    units: remapping.units,
    type1: new Type1Mechanism(hierarchy),
    ecam: ecamWindows(hierarchy),
    reservedRegions: remapping.reservedRegions,
    interruptSources: remapping.interruptSources,
    remapping,
    unitFor: remapping.unitFor,
    snapshot: () => state.snapshot(),
    restore: (saved) => state.restore(saved),
    hash: () => {
      const hash = new RunningHash();
      state.hashInto(hash);
      return hash.digest();
    },
  };
}

/** Root complexes of one segment share its window. */
function ecamWindows(hierarchy: PcieHierarchy): EcamWindow[] {
  const windows = new Map<string, { segment: number; base: number; firstBus: number; lastBus: number }>();
  for (const { segment, firstBus, lastBus, ecamBase: base } of hierarchy.rootComplexes) {
    if (base === undefined) continue;
    const key = `${segment}:${base}`;
    const known = windows.get(key) ?? { segment, base, firstBus, lastBus };
    known.firstBus = Math.min(known.firstBus, firstBus);
    known.lastBus = Math.max(known.lastBus, lastBus);
    windows.set(key, known);
  }
  return [...windows.values()].map((one) => new EcamWindow(hierarchy, one));
}

/** Config spaces as bytes, by the function they were read from: a machine is assembled for every run. */
const parsed = new WeakMap<MachineFunction, { readonly hex: string; readonly bytes: Uint8Array }>();

function configOf(one: MachineFunction): Uint8Array | undefined {
  const known = parsed.get(one);
  if (known?.hex === one.config) return known.bytes;
  const bytes = hexToBytes(one.config);
  if (bytes !== undefined) parsed.set(one, { hex: one.config, bytes });
  return bytes;
}

function describe(one: MachineFunction, intensity: number): FunctionDescription {
  const place = parseFunctionName(one.name);
  const config = configOf(one);
  if (place === undefined || config === undefined) {
    throw new AssertionError(`${one.name} is not described as it should be`);
  }
  return {
    ...place,
    config,
    barSizes: one.barSizes,
    endpoint: scaled(one.endpoint, intensity),
    ...(one.physicalFunction === undefined ? {} : { physicalFunction: one.physicalFunction }),
    ...(one.defects === undefined ? {} : { defects: one.defects }),
  };
}

function scaled(endpoint: EndpointDescription, intensity: number): EndpointDescription {
  if (intensity === 1) return endpoint;
  const { workload } = endpoint;
  return { ...endpoint, workload: { ...workload, ratePerSecond: workload.ratePerSecond * intensity } };
}

/** Spreads the devices over their periods: any odd constant near 2^32 / golden ratio does. */
function seedOf(index: number): number {
  return Math.imul(index + 1, 0x9e37_79b1) >>> 0;
}
