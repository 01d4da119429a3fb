import {
  type Address,
  assert,
  type Nanoseconds,
  type PhysicalMemory,
  type RemappingUnit,
  type ResetKind,
  type RunningHash,
  type Snapshottable,
} from '@quiesce/simulation';
import { EcamWindow } from '../config-access/ecam-window.ts';
import { Type1Mechanism } from '../config-access/type1-mechanism.ts';
import type { EndpointEngine } from '../endpoint/endpoint-engine.ts';
import { Containment } from '../error/containment.ts';
import { ErrorReporting } from '../error/error-reporting.ts';
import {
  FunctionInterrupts,
  type FunctionInterruptsState,
  type InterruptParts,
} from '../interrupt/function-interrupts.ts';
import { InterruptPath } from '../interrupt/interrupt-path.ts';
import { CoreLogic } from '../platform/core-logic.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import { DeviceTlb, type DeviceTlbState } from '../request/device-tlb.ts';
import { DmaPath } from '../request/dma-path.ts';
import { type ReadFaultState, ReadFaults } from '../request/read-faults.ts';
import { UnitLookup } from '../request/unit-lookup.ts';
import { enablesBusMaster, isBusMaster, UpstreamPath } from '../request/upstream-path.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';
import { CpuAccess, type CpuAccessSize } from './cpu-access.ts';
import { EnginePort } from './engine-port.ts';
import { EngineSchedule } from './engine-schedule.ts';
import type { FabricObserver } from './fabric-observer.ts';

/**
 * How time is passed over. `steady-steps`: an engine whose transactions change nothing but counters and memory may
 * make many in one step. `event-by-event`: every transaction by itself, in order of time over all engines.
 *
 * Both end in the same state and tell the observer the same totals, provided that within one call of
 * {@link PcieFabric.advance} no engine writes memory that another engine, or a remapping unit's table walk, uses; in
 * `steady-steps` the order of such accesses inside one call is not that of time.
 */
export type FabricMode = 'steady-steps' | 'event-by-event';

/** What a {@link PcieFabric} stands on: functions, memory, remapping units, and who hears of what happens. */
export interface FabricOptions {
  readonly hierarchy: PcieHierarchy;
  readonly memory: PhysicalMemory;
  /** The unit that stands in the path of a requester; undefined if none does. Asked once per requester. */
  readonly unitFor: (segment: number, requesterId: number) => RemappingUnit | undefined;
  /** Units whose registers the CPU can reach. Default none. */
  readonly units?: readonly RemappingUnit[];
  /** Default: a mechanism of its own. */
  readonly type1?: Type1Mechanism;
  /** Default: one window for each root complex that has an ECAM base. */
  readonly ecam?: readonly EcamWindow[];
  readonly platform: PlatformDescription;
  readonly observer: FabricObserver;
  /** Where the virtual time stands between two calls of {@link PcieFabric.advance}; an `EventCalendar` is one. */
  readonly clock: { readonly now: Nanoseconds };
  /** Default `steady-steps`. */
  readonly mode?: FabricMode;
}

/** State of the fabric itself and of its engines, by function index. Hierarchy, memory and units have their own. */
export interface FabricState {
  readonly engines: readonly (readonly [number, unknown])[];
  readonly interrupts: readonly FunctionInterruptsState[];
  readonly deviceTlbs: readonly (readonly [number, DeviceTlbState])[];
  readonly readFaults: ReadFaultState;
}

/**
 * Everything between the devices, memory and the CPU: requests, completions, interrupts and errors.
 * Before software writes a register, in config space or elsewhere, the fabric is to be advanced to that moment.
 */
export class PcieFabric implements Snapshottable<FabricState> {
  readonly hierarchy: PcieHierarchy;
  /** Ports 0xCF8 and 0xCFC. */
  readonly type1: Type1Mechanism;
  /** Windows onto config space. */
  readonly ecam: readonly EcamWindow[];
  /** Lets errors be injected, and says what a function does with them. */
  readonly errors: ErrorReporting;
  /** Lets reads of a function complete badly. */
  readonly readFaults: ReadFaults;
  readonly #clock: { readonly now: Nanoseconds };
  readonly #schedule: EngineSchedule;
  readonly #containment: Containment;
  readonly #interrupts: readonly FunctionInterrupts[];
  readonly #dma: DmaPath;
  readonly #cpu: CpuAccess;

  constructor(options: FabricOptions) {
    const { hierarchy, memory, observer } = options;
    const platform = new CoreLogic(options.platform, hierarchy.functions);
    const { functions } = hierarchy;
    this.hierarchy = hierarchy;
    this.#clock = options.clock;
    this.#schedule = new EngineSchedule(options.mode ?? 'steady-steps', () => this.#settle());
    this.#containment = new Containment(hierarchy);
    this.errors = new ErrorReporting(functions, this.#containment, observer, platform, {
      raise: (root, message) => this.#interrupts[root.index]?.raise(message),
      lower: (root) => this.#interrupts[root.index]?.deassert(),
    });
    this.readFaults = new ReadFaults(this.errors);
    const units = new UnitLookup(options.unitFor);
    const interrupts = new InterruptPath(units, observer, platform);
    this.#dma = new DmaPath({
      hierarchy,
      memory,
      units,
      platform,
      observer,
      errors: this.errors,
      containment: this.#containment,
      faults: this.readFaults,
      interrupts,
    });
    const parts: InterruptParts = {
      path: new UpstreamPath(hierarchy),
      dma: this.#dma,
      interrupts,
      errors: this.errors,
      observer,
    };
    this.#interrupts = functions.map((fn, index) => {
      assert(fn.index === index, `${fn.name} is function ${index}, not ${fn.index}`);
      return new FunctionInterrupts(
        { fn, writer: memory.writer(fn.name), seed: dataSeed(index), tlb: DeviceTlb.of(fn) },
        parts,
      );
    });
    this.type1 = options.type1 ?? new Type1Mechanism(hierarchy);
    this.ecam = options.ecam ?? ecamWindows(hierarchy);
    this.#cpu = new CpuAccess({
      hierarchy,
      units: options.units ?? [],
      interrupts: this.#interrupts,
      ecam: this.ecam,
      type1: this.type1,
      clock: this,
    });
    hierarchy.onCommandWrite((fn, previous) => this.#commandWritten(fn, previous));
    hierarchy.onReset((fn, kind) => this.#wasReset(fn, kind));
  }

  /** Virtual time: of the transaction under way during {@link advance}, else of the clock. */
  get now(): Nanoseconds {
    return this.#schedule.running ? this.#schedule.now : this.#clock.now;
  }

  /** Links that an error takes down go down now. */
  #settle(): boolean {
    if (!this.#containment.isPending) return false;
    this.#containment.settle();
    this.#dma.release();
    return true;
  }

  #commandWritten(fn: PcieFunction, previous: number): void {
    const enabled = isBusMaster(fn);
    if (enabled !== enablesBusMaster(previous)) fn.engine?.busMasterChanged(enabled, this.now);
    this.#interrupts[fn.index]?.registersWritten();
  }

  #wasReset(fn: PcieFunction, kind: ResetKind): void {
    fn.engine?.reset(kind, this.now);
    this.#interrupts[fn.index]?.reset();
    this.#interrupts[fn.index]?.master.tlb?.reset();
  }

  /** When the next transaction is due; Infinity if no engine has anything to do. */
  get nextTime(): Nanoseconds {
    return this.#schedule.nextTime;
  }

  /** Gives `fn` its engine. */
  attachEngine(fn: PcieFunction, engine: EndpointEngine): void {
    const interrupts = this.#interrupts[fn.index];
    assert(interrupts?.fn === fn, `${fn.name} is not a function of this fabric`);
    if (fn.engine === undefined) this.#containment.engineAttached(fn);
    fn.engine = engine;
    const port = new EnginePort(interrupts.master, this, this.#dma, interrupts, this.errors);
    this.#schedule.add(fn.index, engine, port);
  }

  /** Lets the engines run up to and including `until`. */
  advance(until: Nanoseconds): void {
    // Errors injected between two calls may have taken links down.
    this.#settle();
    this.#dma.hold();
    try {
      this.#schedule.run(until);
    } finally {
      this.#dma.release();
    }
  }

  /**
   * A remapping unit invalidates `bytes` from `address` on in the device-TLB of a requester. False if nobody answers:
   * no such function now, or none with ATS enabled; the unit's request then times out (PCIe 10.3.2).
   */
  invalidateDeviceTlb(segment: number, requesterId: number, address: Address, bytes: number): boolean {
    for (const { fn, master } of this.#interrupts) {
      if (master.tlb === undefined || fn.requesterId !== requesterId) continue;
      if (fn.description.segment !== segment || !this.hierarchy.isOperational(fn)) continue;
      if (!master.tlb.enabled) return false;
      master.tlb.invalidate(address, bytes);
      return true;
    }
    return false;
  }

  /** The CPU reads 1, 2 or 4 bytes of memory-mapped I/O. All ones where nothing answers. */
  mmioRead(address: Address, size: CpuAccessSize): number {
    return this.#cpu.mmioRead(address, size);
  }

  mmioWrite(address: Address, size: CpuAccessSize, value: number): void {
    this.#cpu.mmioWrite(address, size, value);
  }

  /** The CPU reads a port. All ones where nothing answers. */
  ioRead(port: number, size: CpuAccessSize): number {
    return this.#cpu.ioRead(port, size);
  }

  ioWrite(port: number, size: CpuAccessSize, value: number): void {
    this.#cpu.ioWrite(port, size, value);
  }

  snapshot(): FabricState {
    return {
      engines: this.#schedule.snapshot(),
      interrupts: this.#interrupts.map((one) => one.snapshot()),
      deviceTlbs: this.#interrupts.flatMap(({ fn, master }) =>
        master.tlb === undefined ? [] : [[fn.index, master.tlb.snapshot()] as const],
      ),
      readFaults: this.readFaults.snapshot(),
    };
  }

  restore(state: FabricState): void {
    this.#schedule.restore(state.engines);
    for (const [index, one] of state.interrupts.entries()) this.#interrupts[index]?.restore(one);
    this.readFaults.restore(state.readFaults);
    for (const [index, one] of state.deviceTlbs) this.#interrupts[index]?.master.tlb?.restore(one);
  }

  hashInto(hash: RunningHash): void {
    this.#schedule.hashInto(hash);
    this.readFaults.hashInto(hash);
    for (const one of this.#interrupts) {
      one.hashInto(hash);
      one.master.tlb?.hashInto(hash);
    }
  }
}

/** Different functions write different data. */
function dataSeed(index: number): number {
  return (index * 37 + 11) & 0xff;
}

function ecamWindows(hierarchy: PcieHierarchy): readonly EcamWindow[] {
  return hierarchy.rootComplexes.flatMap(({ segment, firstBus, lastBus, ecamBase }) =>
    ecamBase === undefined ? [] : [new EcamWindow(hierarchy, { segment, base: ecamBase, firstBus, lastBus })],
  );
}
