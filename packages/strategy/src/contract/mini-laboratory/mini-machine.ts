import { RunningHash } from '@quiesce/simulation';
import { StrategyViolation } from '../../errors.ts';
import type { HookContext, HookName } from '../../hooks/hook-name.ts';
import { restrictContext } from '../../hooks/restrict-context.ts';
import type { Phase } from '../../phases.ts';
import { phaseOf } from './hook-phase.ts';
import { mmconfigOf, type1Of } from './mini-config-services.ts';
import { listDevices } from './mini-devices.ts';
import type { MiniFunction } from './mini-function.ts';
import type { MiniMachineDescription } from './mini-machines.ts';
import { MiniMemory } from './mini-memory.ts';
import { buildOldTables } from './mini-tables.ts';
import { MiniTopology } from './mini-topology.ts';
import { MiniUnit } from './mini-unit.ts';

/** Accesses after which a strategy counts as one that never returns. */
const ACCESS_BUDGET = 200_000;
const DELAY_BUDGET_MS = 600_000;
const TRANSLATION_AND_INTERRUPT_REMAPPING = 0x8200_0000;

/** What a hook may be told besides the machine. */
export interface MiniContextRequest {
  readonly options?: unknown;
  /** Kernel parameters on the command line. */
  readonly commandLine?: readonly string[];
  /** For deviceAttach, iommuFault and aerError: the function it is about. */
  readonly function?: string;
}

/** A call of the kernel's own remapping drivers. */
export interface MiniKernelCall {
  readonly name: string;
  readonly arguments: readonly unknown[];
}

interface MiniWork {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * A machine of a few fake functions, one remapping unit and sparse memory, as a crashed kernel has left it. It hands
 * out the contexts of all hooks and remembers what was done.
 */
export class MiniMachine {
  readonly topology: MiniTopology;
  readonly memory: MiniMemory = new MiniMemory();
  readonly unit: MiniUnit = new MiniUnit();
  /** What hooks have logged. */
  readonly log: string[] = [];
  readonly violations: StrategyViolation[] = [];
  readonly kernelCalls: MiniKernelCall[] = [];
  readonly #hash = new RunningHash();
  readonly #work: MiniWork[] = [];
  #working = false;
  #accesses = 0;
  #phase: Phase = 'crash';

  constructor(description: MiniMachineDescription, seed = 0) {
    this.topology = new MiniTopology(description.functions);
    this.unit.start(buildOldTables(this.memory, this.topology), TRANSLATION_AND_INTERRUPT_REMAPPING);
    this.#hash.number(seed);
  }

  /** Milliseconds since the panic. */
  get nowMs(): number {
    return this.topology.nowMs;
  }

  /** @throws Error if there is no such function */
  function(name: string): MiniFunction {
    const found = this.topology.byName(name);
    if (found === undefined) throw new Error(`there is no function ${name}`);
    return found;
  }

  /** Requester IDs of functions that master the bus now. */
  masters(): string[] {
    return this.topology.functions
      .filter((each) => !each.isBridge && each.masters(this.nowMs))
      .map((each) => each.description.name);
  }

  /** Everything done so far as one hash. */
  traceHash(): string {
    return this.#hash.digest();
  }

  /** Books something that happened. */
  note(what: string, ...numbers: readonly number[]): void {
    this.#hash.text(what);
    for (const each of numbers) this.#hash.number(each);
  }

  /** The context of `hook`, now. */
  contextFor<Hook extends HookName, Options = unknown>(
    hook: Hook,
    request: MiniContextRequest & { readonly options?: Options } = {},
  ): HookContext<Hook, Options> {
    this.#phase = phaseOf(hook);
    const parameters = request.commandLine ?? ['reset_devices'];
    const devices = listDevices(this);
    const about = devices.find((each) => each.name === request.function) ?? devices.at(0);
    const services = {
      phase: this.#phase,
      options: request.options ?? {},
      commandLine: { has: (parameter: string) => parameters.includes(parameter) },
      log: (line: string) => {
        this.log.push(String(line));
        this.note(`log ${line}`);
      },
      delay: (ms: number) => this.#delay(ms),
      type1: type1Of(this),
      mmconfig: mmconfigOf(this),
      firmware: {
        hostBridges: [{ segment: 0, bus: 0 }],
        resetHostBridge: (bridge: { readonly bus: number }) => this.#resetHostBridge(bridge.bus),
      },
      bootmem: { allocate: (bytes: number) => this.#allocate(bytes) },
      pages: {
        allocate: (pages = 1) => this.#allocate(pages * 4096),
        allocateForDma: (pages = 1) => this.#allocate(pages * 4096),
      },
      memory: {
        read32: (address: number) => {
          this.spend();
          return this.memory.read32(address);
        },
        write32: (address: number, value: number) => this.#writeMemory(address, value),
      },
      devices: {
        length: devices.length,
        [Symbol.iterator]: () => devices[Symbol.iterator](),
        find: (segment: number, bus: number, device: number, fn: number) =>
          devices.find(
            (each) =>
              each.segment === segment && each.bus === bus && each.device === device && each.fn === fn,
          ),
      },
      device: about,
      units: [this.#unit()],
      unit: this.#unit(),
      reservedRegions: [],
      kernel: this.#kernel(),
      requesterId: about === undefined ? 0 : about.bus * 256 + about.device * 8 + about.fn,
      address: 0xffff_c000,
      write: true,
      reason: 1,
      rootPort: about,
      sourceId: 0,
      severity: 'nonfatal',
      schedule: (ms: number, work: (ctx: HookContext<Hook, Options>) => void) => {
        this.spend();
        this.#work.push({ atMs: this.nowMs + ms, run: () => work(this.contextFor(hook, request)) });
        this.#work.sort((one, other) => one.atMs - other.atMs);
      },
    };
    return restrictContext<Hook, Options>(
      hook,
      services as unknown as HookContext<Hook, Options>,
      (violation) => this.violations.push(violation),
    );
  }

  /** Lets time pass until nothing that was put off is left. */
  finishWork(): void {
    for (let next = this.#work[0]; next !== undefined; next = this.#work[0]) {
      this.#delay(Math.max(0, next.atMs - this.nowMs));
    }
  }

  /** One access; too many are a plugin that does not end. */
  spend(): void {
    if (++this.#accesses > ACCESS_BUDGET)
      this.violate('BUDGET_EXHAUSTED', 'more accesses than any strategy needs');
  }

  /** Throws a violation, and remembers it. */
  violate(code: StrategyViolation['code'], message: string): never {
    const violation = new StrategyViolation(code, this.#phase, message);
    this.violations.push(violation);
    throw violation;
  }

  #delay(ms: number): void {
    this.spend();
    if (!(ms >= 0) || this.nowMs + ms > DELAY_BUDGET_MS) {
      this.violate('BUDGET_EXHAUSTED', `a delay of ${ms} ms at ${this.nowMs} ms`);
    }
    this.note('delay', Math.round(ms * 1e6));
    const end = this.nowMs + ms;
    if (!this.#working) this.#workUntil(end);
    this.topology.nowMs = Math.max(end, this.nowMs);
  }

  /** What was put off runs when it is due; work that waits is not interrupted by other work. */
  #workUntil(end: number): void {
    this.#working = true;
    try {
      for (let next = this.#work[0]; next !== undefined && next.atMs <= end; next = this.#work[0]) {
        this.#work.shift();
        this.topology.nowMs = Math.max(next.atMs, this.nowMs);
        next.run();
      }
    } finally {
      this.#working = false;
    }
  }

  #resetHostBridge(bus: number): void {
    this.spend();
    this.note('host bridge reset', bus);
    this.topology.setRootPortsInReset(bus, true);
    this.#delay(2);
    this.topology.setRootPortsInReset(bus, false);
    this.#delay(100);
  }

  #allocate(bytes: number): number {
    this.spend();
    return this.memory.allocate(bytes);
  }

  #writeMemory(address: number, value: number): void {
    this.spend();
    if (!this.memory.owns(address)) {
      this.violate(
        'MEMORY_NOT_OWNED',
        `0x${address.toString(16)} is not memory that this strategy allocated`,
      );
    }
    this.memory.write32(address, value);
    this.note('memory', address, value);
  }

  /** A config access of `size` bytes at `offset` below `limit`. */
  checkAccess(offset: number, size: number, limit: number): void {
    this.spend();
    if (offset < 0 || offset + size > limit || (offset % 4) + size > 4) {
      this.violate('CONFIG_ACCESS', `no config access of ${size} bytes at 0x${offset.toString(16)}`);
    }
  }

  #unit(): MiniUnit {
    const { unit } = this;
    return Object.create(unit, {
      read32: {
        value: (offset: number) => {
          this.spend();
          return unit.read32(offset);
        },
      },
      write32: {
        value: (offset: number, value: number) => {
          this.spend();
          this.note('unit', offset, value);
          unit.write32(offset, value);
        },
      },
    }) as MiniUnit;
  }

  /** Remembers what it was told; the caches of the unit are flushed when it is asked to. */
  #kernel(): object {
    const call =
      (name: string, effect?: () => void) =>
      (...args: readonly unknown[]): void => {
        this.spend();
        this.kernelCalls.push({ name, arguments: args });
        this.note(`kernel ${name}`);
        effect?.();
      };
    return {
      translates: true,
      shutdown: call('shutdown'),
      initialise: call('initialise'),
      initialiseUnit: call('initialiseUnit'),
      invalidateTranslations: call('invalidateTranslations', () => this.unit.invalidateAll()),
      invalidateInterruptEntries: call('invalidateInterruptEntries'),
      adoptRootTable: call('adoptRootTable'),
      reserveDomainId: call('reserveDomainId'),
      adoptEntry: call('adoptEntry'),
      adoptDomain: call('adoptDomain'),
      adoptInterruptTable: call('adoptInterruptTable'),
    };
  }
}
