import { traceKind, UserError } from '@quiesce/simulation';
import {
  type HookContext,
  type HookName,
  type InitcallLevel,
  type PciDevice,
  type Phase,
  resolveOptions,
  restrictContext,
  type Strategy,
  type StrategyPlugin,
  StrategyViolation,
} from '@quiesce/strategy';
import type { Kernel } from '../kernel/kernel.ts';
import { MachineStopped } from '../world/machine-stopped.ts';
import type { World } from '../world/world.ts';
import { Budget, type StrategyLimits } from './budget.ts';
import { mmconfigService, type1Service } from './config-services.ts';
import { crashedDeviceList, deviceList } from './device-list.ts';
import { firmwareServices } from './firmware-services.ts';
import { bootmemService, memoryService, pageService, StrategyPages } from './memory-services.ts';
import { remappingServices } from './remapping-services.ts';

/** What a plugin threw, or which rule it broke. */
export interface StrategyFailure {
  /** Code of a violation, or `THREW`. */
  readonly code: string;
  readonly message: string;
  readonly phase: Phase;
}

/** Told when hooks begin and end: the contract laboratory compares the machine before and after. */
export interface HookObserver {
  begin(hook: HookName, phase: Phase): void;
  end(hook: HookName, phase: Phase, returned: unknown): void;
}

const hookKind = traceKind('strategy-hook', ['begin']);
const writeKind = traceKind('strategy-config-write', ['segment', 'requesterId', 'offset', 'size', 'value']);

// biome-ignore lint/suspicious/noExplicitAny: options of any plugin
type Any = any;

/** @throws UserError `STRATEGY_CREATE` if the plugin throws */
function createStrategy(plugin: StrategyPlugin<Any>, options: unknown): Strategy<Any> {
  try {
    return plugin.create(options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError('STRATEGY_CREATE', `the strategy ${plugin.name} cannot be made: ${message}`);
  }
}

/** Runs one strategy's hooks in one run, gives each its services, and takes its failures. */
export class StrategyHost {
  readonly strategy: Strategy<Any>;
  readonly pages: StrategyPages = new StrategyPages();
  readonly violations: StrategyViolation[] = [];
  failure: StrategyFailure | null = null;
  readonly #world: World;
  readonly #options: unknown;
  readonly #commandLine: ReadonlySet<string>;
  readonly #budget: Budget;
  readonly #observer: HookObserver | undefined;

  /** @throws UserError if the options do not fit the plugin's schema */
  constructor(
    world: World,
    plugin: StrategyPlugin<Any>,
    setup: {
      options: unknown;
      commandLine: ReadonlySet<string>;
      limits: StrategyLimits;
      observer?: HookObserver | undefined;
    },
  ) {
    this.#world = world;
    this.#options = resolveOptions(plugin, setup.options);
    this.#commandLine = setup.commandLine;
    this.#budget = new Budget(setup.limits);
    this.#observer = setup.observer;
    this.strategy = createStrategy(plugin, this.#options);
  }

  /** Milliseconds that the strategy waited. */
  get waitedMs(): number {
    return this.#budget.waitedMs;
  }

  /** What stands on the second kernel's command line. */
  get parameters(): readonly string[] {
    return [...this.#commandLine];
  }

  crash(kernel: Kernel): void {
    const { strategy } = this;
    if (strategy.crash === undefined) return;
    this.#run('crash', kernel, {}, (ctx) => strategy.crash?.(ctx));
  }

  /** @returns false if the strategy leaves it to the kernel */
  iommuCrashShutdown(kernel: Kernel): boolean {
    const { strategy } = this;
    if (strategy.iommuCrashShutdown === undefined) return false;
    this.#run('iommuCrashShutdown', kernel, {}, (ctx) => strategy.iommuCrashShutdown?.(ctx));
    return true;
  }

  setupArch(kernel: Kernel): void {
    const { strategy } = this;
    if (strategy.setupArch === undefined) return;
    this.#run('setupArch', kernel, {}, (ctx) => strategy.setupArch?.(ctx));
  }

  initcalls(level: InitcallLevel, kernel: Kernel): void {
    for (const initcall of this.strategy.initcalls ?? []) {
      if (initcall.level !== level) continue;
      kernel.log(`calling  ${initcall.name}+0x0/0x0 @ 1`);
      this.#run(`initcall:${level}`, kernel, {}, (ctx) => (initcall.run as (ctx: Any) => void)(ctx));
    }
  }

  /** @returns false if the strategy leaves it to the kernel */
  irqRemapInit(kernel: Kernel): boolean {
    const { strategy } = this;
    if (strategy.irqRemapInit === undefined) return false;
    this.#run('irqRemapInit', kernel, {}, (ctx) => strategy.irqRemapInit?.(ctx));
    return true;
  }

  /** @returns false if the strategy leaves it to the kernel */
  iommuInit(kernel: Kernel): boolean {
    const { strategy } = this;
    if (strategy.iommuInit === undefined) return false;
    this.#run('iommuInit', kernel, {}, (ctx) => strategy.iommuInit?.(ctx));
    return true;
  }

  deviceAttach(kernel: Kernel, device: PciDevice): void {
    const { strategy } = this;
    if (strategy.deviceAttach === undefined) return;
    this.#run('deviceAttach', kernel, { device }, (ctx) => strategy.deviceAttach?.(ctx));
  }

  iommuFault(
    kernel: Kernel,
    fault: Pick<
      HookContext<'iommuFault'>,
      'unit' | 'requesterId' | 'address' | 'write' | 'reason' | 'device'
    >,
  ): void {
    const { strategy } = this;
    if (strategy.iommuFault === undefined) return;
    this.#run('iommuFault', kernel, fault, (ctx) => strategy.iommuFault?.(ctx));
  }

  aerError(
    kernel: Kernel,
    error: Pick<HookContext<'aerError'>, 'rootPort' | 'sourceId' | 'severity' | 'device'>,
  ): void {
    const { strategy } = this;
    if (strategy.aerError === undefined) return;
    this.#run('aerError', kernel, error, (ctx) => strategy.aerError?.(ctx));
  }

  #run<Hook extends HookName>(
    hook: Hook,
    kernel: Kernel,
    special: object,
    body: (ctx: HookContext<Hook>) => unknown,
  ): void {
    const world = this.#world;
    const { phase } = world;
    world.checkStopped();
    const outer = world.configWatch;
    world.configWatch = (segment, bus, device, fn, offset, size, value) => {
      this.#budget.access(phase);
      if (value === undefined) return;
      world.trace.record(writeKind, world.now, segment, (bus << 8) | (device << 3) | fn, offset, size, value);
    };
    world.trace.record(hookKind, world.now, 1, 0, 0, 0, 0, 0, hook);
    this.#observer?.begin(hook, phase);
    try {
      const schedule = (ms: number, work: (ctx: HookContext<Hook>) => unknown): void => {
        this.#budget.access(phase);
        // A time that is no number is refused as a wait would be.
        if (!(ms >= 0)) this.#budget.wait(phase, ms);
        kernel.schedule(ms, () => this.#run(hook, kernel, special, work));
      };
      const services = {
        ...this.#services(hook, kernel, phase),
        schedule,
        ...special,
      } as unknown as HookContext<Hook>;
      const ctx = restrictContext(hook, services, (violation) => this.violations.push(violation));
      const returned = body(ctx);
      // A hook must be synchronous; one that is not must not fail behind everybody's back.
      if (returned instanceof Promise) returned.catch(() => {});
      this.#observer?.end(hook, phase, returned);
    } catch (error) {
      if (error instanceof MachineStopped) throw error;
      this.#fail(error, phase);
      world.stop(`the strategy failed: ${this.failure?.message}`);
    } finally {
      world.configWatch = outer;
    }
    world.trace.record(hookKind, world.now, 0, 0, 0, 0, 0, 0, hook);
    world.checkStopped();
  }

  #fail(error: unknown, phase: Phase): void {
    const code = error instanceof StrategyViolation ? error.code : 'THREW';
    const message = error instanceof Error ? error.message : String(error);
    this.failure = { code, message, phase };
  }

  #services(hook: HookName, kernel: Kernel, phase: Phase): object {
    const report = (violation: StrategyViolation): StrategyViolation => {
      this.violations.push(violation);
      return violation;
    };
    const access = (): void => this.#budget.access(phase);
    const delay = (ms: number): void => {
      this.#budget.wait(phase, ms);
      kernel.delay(ms);
    };
    return {
      phase,
      options: this.#options,
      commandLine: { has: (parameter: string) => this.#commandLine.has(parameter) },
      log: (line: string) => kernel.log(String(line).slice(0, 1000)),
      delay,
      firmware: firmwareServices(kernel, delay),
      type1: type1Service(kernel.type1, phase, report),
      mmconfig: mmconfigService(kernel.ecam, phase, report),
      devices: kernel.which === 1 ? crashedDeviceList(kernel, access) : deviceList(kernel.devices),
      bootmem: bootmemService(kernel, this.pages),
      pages: pageService(kernel, this.pages),
      memory: memoryService(kernel, this.pages, phase, access, report),
      ...remappingServices(hook, kernel),
    };
  }
}
