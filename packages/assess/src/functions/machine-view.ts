import {
  CapturedTopology,
  ConfigReader,
  type FunctionPlace,
  hexToBytes,
  knownAs,
  type Machine,
  type MachineFunction,
  parseFunctionName,
  requesterIdOf,
} from '@quiesce/machine';
import { assert } from '@quiesce/simulation';
import { type ByteOrigin, KnownBytes } from './known-bytes.ts';

/** PCI domains from here on are made by software: Linux gives them to Volume Management Devices. */
const FIRST_SOFTWARE_DOMAIN = 0x1_0000;
const DISPLAY_CLASS = 0x03;

/** One function of a machine with what stands around it. */
export interface ViewedFunction extends FunctionPlace {
  readonly index: number;
  readonly name: string;
  readonly described: MachineFunction;
  readonly config: ConfigReader;
  readonly requesterId: number;
  /** How the byte at an offset of its config space is known. */
  origin(offset: number): ByteOrigin;
  /** The bridge above it, as bus numbers were captured; undefined on a root bus. */
  parent: ViewedFunction | undefined;
  /** Everything on the bus below it, if it is a bridge. */
  readonly children: ViewedFunction[];
  /** The function that makes its PCI domain, if software made it. */
  host: ViewedFunction | undefined;
}

/** A machine as the assessment walks it: who stands below whom, by the bus numbers of the capture. */
export class MachineView {
  readonly machine: Machine;
  readonly functions: readonly ViewedFunction[];
  readonly topology: CapturedTopology;
  /** Functions that firmware uses by DMA: those that reserved memory is for. Filled by who reads the table. */
  readonly firmwareDriven: Set<string> = new Set();
  /** Functions that the dump goes through, its target among them. Filled by who knows. */
  readonly dumpThrough: Set<string> = new Set();
  readonly #byName: ReadonlyMap<string, ViewedFunction>;
  /** Virtual functions by the name of their physical function. */
  readonly #virtual = new Map<string, ViewedFunction[]>();

  constructor(machine: Machine) {
    this.machine = machine;
    const known = new KnownBytes(machine.inferred);
    this.functions = machine.functions.map((described, index) => view(described, index, known));
    this.#byName = new Map(this.functions.map((one) => [one.name, one]));
    this.topology = new CapturedTopology(
      this.functions.map(({ segment, bus, device, fn, config }) => ({
        segment,
        bus,
        device,
        fn,
        bytes: config.bytes,
      })),
    );
    for (const one of this.functions) {
      const { physicalFunction } = one.described;
      if (physicalFunction === undefined) continue;
      const others = this.#virtual.get(physicalFunction);
      if (others === undefined) this.#virtual.set(physicalFunction, [one]);
      else others.push(one);
    }
    this.#connect();
  }

  /** The virtual functions of a physical one. */
  virtualOf(name: string): readonly ViewedFunction[] {
    return this.#virtual.get(name) ?? [];
  }

  byName(name: string): ViewedFunction | undefined {
    return this.#byName.get(name);
  }

  /** Bridges above a function, the nearest first. */
  pathOf(one: ViewedFunction): ViewedFunction[] {
    const path: ViewedFunction[] = [];
    for (let at = one.parent; at !== undefined && path.length < 256; at = at.parent) path.push(at);
    return path;
  }

  /** Everything below a bridge, at any depth. */
  below(bridge: ViewedFunction): ViewedFunction[] {
    const found: ViewedFunction[] = [];
    const open = [...bridge.children];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      found.push(next);
      open.push(...next.children);
    }
    return found.sort((a, b) => a.index - b.index);
  }

  #connect(): void {
    const bridges = new Map<number, ViewedFunction>();
    for (const one of this.functions) {
      const secondary = one.config.isBridge ? one.config.u8(0x19) : 0;
      const key = one.segment * 0x100 + secondary;
      if (secondary > one.bus && !bridges.has(key)) bridges.set(key, one);
    }
    const hosts = this.functions.filter((one) => knownAs('volumeManagement', one.config) !== undefined);
    const domains = [...new Set(this.functions.map(({ segment }) => segment))]
      .filter((segment) => segment >= FIRST_SOFTWARE_DOMAIN)
      .sort((a, b) => a - b);
    for (const one of this.functions) {
      one.parent = bridges.get(one.segment * 0x100 + one.bus);
      one.parent?.children.push(one);
      // Linux counts such domains up in the order in which their drivers attach: that of the functions.
      if (one.segment >= FIRST_SOFTWARE_DOMAIN) one.host = hosts[domains.indexOf(one.segment)];
    }
  }
}

/** A display by its class; an old one by the class that came before there were any (PCI 3.0, appendix D). */
export function isDisplay({ config }: ViewedFunction): boolean {
  if (config.isAbsent || config.headerType !== 0) return false;
  return config.classCode >>> 16 === DISPLAY_CLASS || config.classCode >>> 8 === 0x0001;
}

function view(described: MachineFunction, index: number, known: KnownBytes): ViewedFunction {
  const place = parseFunctionName(described.name);
  assert(place !== undefined, `a machine with a function called ${described.name}`);
  return {
    ...place,
    index,
    name: described.name,
    described,
    config: new ConfigReader(hexToBytes(described.config) ?? new Uint8Array(64)),
    requesterId: requesterIdOf(place),
    origin: (offset) => known.of(index, offset),
    parent: undefined,
    children: [],
    host: undefined,
  };
}
