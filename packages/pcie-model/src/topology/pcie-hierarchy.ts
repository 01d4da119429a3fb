import type {
  AccessSize,
  Address,
  Nanoseconds,
  ResetKind,
  RunningHash,
  Snapshottable,
} from '@quiesce/simulation';
import type { ResetCause, ResetContext } from '../link/reset-context.ts';
import { contain, takeCapturedLinkState, wireResets } from '../link/reset-wiring.ts';
import { RequestRouting, type RoutedRequest } from '../window/request-routing.ts';
import { BusRouting } from './bus-routing.ts';
import type { FunctionDescription, RootComplexDescription } from './function-description.ts';
import { isOperational, isReachable } from './operation.ts';
import { PcieFunction, type PcieFunctionState } from './pcie-function.ts';
import { wire } from './wiring.ts';

/** What a hierarchy is made of. */
export interface PcieHierarchyOptions {
  readonly functions: readonly FunctionDescription[];
  readonly rootComplexes: readonly RootComplexDescription[];
  /** Virtual time; all timing of resets follows from it. */
  readonly now: () => Nanoseconds;
}

/** A device took the machine with it when it was reset, or a bridge never answered the CPU. */
export interface MachineHung {
  /** Name of the function. */
  readonly name: string;
  readonly cause: ResetCause | 'downstream-access';
}

/** All that changes of a hierarchy. */
export interface PcieHierarchyState {
  readonly functions: readonly PcieFunctionState[];
  readonly machineHung: MachineHung | undefined;
  readonly shortResets: number;
  readonly resetsWhilePending: number;
}

/** Command has changed by software's hand. Values are those of the 16-bit register. */
export type CommandListener = (fn: PcieFunction, previous: number, current: number) => void;
/** `fn` was reset; its registers already are. */
export type ResetListener = (fn: PcieFunction, kind: ResetKind, cause: ResetCause) => void;

const VENDOR_NOT_READY = 0x0001;

/** All functions of a machine, how they are wired, and where requests go as the bridges are programmed now. */
export class PcieHierarchy implements Snapshottable<PcieHierarchyState> {
  /** In the order in which they were described. */
  readonly functions: readonly PcieFunction[];
  readonly rootComplexes: readonly RootComplexDescription[];
  /** What was odd about the capture. */
  readonly notes: readonly string[];
  /** Set once a device has hung the machine. */
  machineHung: MachineHung | undefined = undefined;
  /** Secondary bus resets that were shorter than 1 ms. */
  shortResets = 0;
  /** Function level resets begun with Transactions Pending. */
  resetsWhilePending = 0;
  readonly #now: () => Nanoseconds;
  readonly #byName: ReadonlyMap<string, PcieFunction>;
  readonly #buses: BusRouting;
  readonly #requests: RequestRouting;
  readonly #context: ResetContext;
  readonly #commandListeners: CommandListener[] = [];
  readonly #resetListeners: ResetListener[] = [];

  /**
   * Throws `UserError`: `DUPLICATE_FUNCTION`, `TOPOLOGY_LOOP`, `UNKNOWN_PHYSICAL_FUNCTION`, `FUNCTION_PLACE`,
   * `ROOT_COMPLEX_BUSES`, `BAR_SIZE`.
   */
  constructor(options: PcieHierarchyOptions) {
    this.#now = options.now;
    this.rootComplexes = options.rootComplexes;
    this.functions = options.functions.map((one, index) => new PcieFunction(index, one));
    this.#byName = new Map(this.functions.map((fn) => [fn.name, fn]));
    const wiring = wire(this.functions, options.rootComplexes);
    this.#buses = new BusRouting(wiring.roots, wiring.buses);
    this.#requests = new RequestRouting(wiring.roots, options.now);
    this.#context = this.#makeContext();
    const contradictions: string[] = [];
    for (const fn of this.functions) {
      wireResets(fn, this.#context);
      const note = takeCapturedLinkState(fn);
      if (note !== undefined) contradictions.push(note);
    }
    this.notes = [
      ...wiring.notes,
      ...this.functions.flatMap((fn) => fn.config.notes.map((note) => `${fn.name}: ${note}`)),
      ...contradictions,
    ];
  }

  /** By the name as captured; undefined if there is none. */
  byName(name: string): PcieFunction | undefined {
    return this.#byName.get(name);
  }

  /**
   * The function to which configuration requests for this place go now, and which answers them: undefined if no
   * bridge forwards there, or something on the way or the function itself is in reset, without power or dead.
   */
  visibleAt(segment: number, bus: number, device: number, fn: number): PcieFunction | undefined {
    const found = this.#reach(segment, bus, device * 8 + fn);
    if (found === undefined) return undefined;
    return this.#now() < found.readiness.readyAt ? undefined : found;
  }

  /** Software reads config space. All ones where nothing answers. */
  configRead(
    segment: number,
    bus: number,
    device: number,
    fn: number,
    offset: number,
    size: AccessSize,
  ): number {
    const found = this.#reach(segment, bus, device * 8 + fn);
    if (found === undefined) {
      this.#comeTooEarly(segment, bus, device * 8 + fn);
      return ones(size);
    }
    if (this.#now() < found.readiness.readyAt) return this.#retryStatus(found, offset, size);
    return found.config.file.read(offset, size);
  }

  /** Software writes config space. Vanishes where nothing answers. */
  configWrite(
    segment: number,
    bus: number,
    device: number,
    fn: number,
    offset: number,
    size: AccessSize,
    value: number,
  ): void {
    const found = this.#reach(segment, bus, device * 8 + fn);
    if (found === undefined) this.#comeTooEarly(segment, bus, device * 8 + fn);
    if (found === undefined || this.#now() < found.readiness.readyAt) return;
    if (found.physicalFunction === undefined) found.capturedBus = bus;
    found.config.file.write(offset, size, value);
  }

  /**
   * Which function's BAR a memory request of the CPU reaches, as windows, BARs and enables are programmed now.
   * The answer is one object that the next call overwrites.
   */
  routeMemory(address: Address): RoutedRequest | undefined {
    return this.#requests.memory(address);
  }

  /** Likewise for an I/O port. */
  routeIo(port: number): RoutedRequest | undefined {
    return this.#requests.io(port);
  }

  /**
   * The first on the way up, from `fn` itself to its root port, whose Bus Master Enable is clear; undefined if the way
   * is open.
   */
  upstreamPathOpen(fn: PcieFunction): PcieFunction | undefined {
    for (let at: PcieFunction | undefined = fn; at !== undefined; at = at.parent) {
      if ((at.config.file.peek8(0x04) & 4) === 0) return at;
    }
    return undefined;
  }

  /** `fn` can make requests and answer them: powered, awake, ready, and so is every bridge above. */
  isOperational(fn: PcieFunction): boolean {
    return isOperational(fn, this.#now());
  }

  /**
   * Downstream Port Containment triggers at `port`; see {@link contain}. A port without the capability, or already
   * contained, stays as it is. `reason`: 1 ERR_NONFATAL, 2 ERR_FATAL.
   */
  contain(port: PcieFunction, reason: 1 | 2, source: number): void {
    contain(port, reason, 0, source, this.#context);
  }

  onCommandWrite(listener: CommandListener): void {
    this.#commandListeners.push(listener);
  }

  onReset(listener: ResetListener): void {
    this.#resetListeners.push(listener);
  }

  snapshot(): PcieHierarchyState {
    return {
      functions: this.functions.map((fn) => fn.snapshot()),
      machineHung: this.machineHung === undefined ? undefined : { ...this.machineHung },
      shortResets: this.shortResets,
      resetsWhilePending: this.resetsWhilePending,
    };
  }

  restore(state: PcieHierarchyState): void {
    for (const [index, fn] of this.functions.entries()) {
      fn.restore(state.functions[index] as PcieFunctionState);
    }
    this.machineHung = state.machineHung;
    this.shortResets = state.shortResets;
    this.resetsWhilePending = state.resetsWhilePending;
    this.#buses.forget();
  }

  hashInto(hash: RunningHash): void {
    for (const fn of this.functions) fn.hashInto(hash);
    hash.text(this.machineHung?.name ?? '');
    hash.word(this.shortResets);
    hash.word(this.resetsWhilePending);
  }

  /** Who receives a configuration request, be it to answer with retry status. */
  #reach(segment: number, bus: number, devfn: number): PcieFunction | undefined {
    const fn = this.#buses.find(segment, bus, devfn);
    if (fn === undefined) return undefined;
    const now = this.#now();
    if (fn.readiness.dead || now < fn.readiness.silentUntil || !isReachable(fn, now)) return undefined;
    return fn;
  }

  /** A configuration request has reached the link of a function that is still in the silence after its reset. */
  #comeTooEarly(segment: number, bus: number, devfn: number): void {
    const fn = this.#buses.find(segment, bus, devfn);
    if (fn?.description.endpoint.traits.onEarlyConfiguration !== 'dead') return;
    const now = this.#now();
    if (now < fn.readiness.silentUntil && isReachable(fn, now)) fn.readiness.dead = true;
  }

  /**
   * Configuration Request Retry Status: a root port with CRS software visibility turns it into Vendor ID 0001h and
   * all ones for a read that covers the Vendor ID; otherwise the root complex tries until it gives up (PCIe 2.3.2).
   */
  #retryStatus(fn: PcieFunction, offset: number, size: AccessSize): number {
    if (offset !== 0 || size === 1) return ones(size);
    let root = fn;
    while (root.parent !== undefined) root = root.parent;
    const express = root.config.express;
    if (root.kind !== 'root-port' || (root.config.file.peek8(express + 0x1c) & 0x10) === 0) return ones(size);
    return size === 2 ? VENDOR_NOT_READY : 0xffff_0000 + VENDOR_NOT_READY;
  }

  #makeContext(): ResetContext {
    return {
      now: this.#now,
      commandWritten: (fn, previous, current) => {
        for (const listener of this.#commandListeners) listener(fn, previous, current);
      },
      wasReset: (fn, kind, cause) => {
        for (const listener of this.#resetListeners) listener(fn, kind, cause);
      },
      routingChanged: () => this.#buses.forget(),
      resetTooShort: () => {
        this.shortResets++;
      },
      resetWhilePending: () => {
        this.resetsWhilePending++;
      },
      machineHangs: (fn, cause) => {
        this.machineHung ??= { name: fn.name, cause };
      },
    };
  }
}

function ones(size: AccessSize): number {
  return size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff;
}
