import {
  Budget,
  type ConfigPort,
  deviceList,
  type KernelPciDevice,
  mmconfigService,
  type StrategyLimits,
  type1Service,
} from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import {
  type HookContext,
  type HookName,
  hookServices,
  type PciDevice,
  type RemappingUnitHandle,
  restrictContext,
  type Strategy,
  StrategyViolation,
} from '@quiesce/strategy';
import { emptyReport, type HookFailure, type HookReport } from '../hook-report.ts';
import type { HookSituation } from '../hook-situation.ts';
import { stopFor } from '../hook-stops.ts';
import { ecamPort, type1Port, watchedPort } from './config-ports.ts';
import { kernelServices } from './kernel-services.ts';
import { bootmemService, memoryService, OwnPages, pageService } from './own-pages.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';
import { type KnownUnits, knownUnits } from './unit-handles.ts';
import { UnitInvalidation } from './unit-invalidation.ts';
import { walkDevices } from './walk-devices.ts';

// biome-ignore lint/suspicious/noExplicitAny: options and contexts of any hook
type Any = any;
type Report = Omit<HookReport, 'lines'>;
/** A report while it is written. */
type Draft = { -readonly [Key in keyof Report]: Report[Key] } & {
  violations: StrategyViolation[];
  accesses: { config: number; registers: number; memory: number };
};

interface PutOff {
  readonly hook: HookName;
  /** What its hook was told of, it is told of again. */
  readonly situation: HookSituation;
  readonly work: (ctx: Any) => unknown;
}

/** What a strategy is run with. */
export interface RunnerSetup {
  readonly strategy: Strategy<Any>;
  /** As the plugin's schema resolved them. */
  readonly options: unknown;
  readonly commandLine: ReadonlySet<string>;
  readonly machine: Machine;
  readonly limits: StrategyLimits;
  readonly guest: SynchronousGuest;
  /** A line into the log, at once. */
  readonly line: (text: string) => void;
}

/** Runs one strategy's hooks against a guest, gives each the services of its phase, and takes its failures. */
export class HookRunner {
  readonly #setup: RunnerSetup;
  readonly #budget: Budget;
  readonly #known: KnownUnits;
  readonly #invalidations = new Map<string, UnitInvalidation>();
  readonly #putOff = new Map<number, PutOff>();
  #lastId = 0;
  #pages: OwnPages | undefined;
  #draft: Draft = draftOf('crash');

  constructor(setup: RunnerSetup) {
    this.#setup = setup;
    this.#budget = new Budget(setup.limits);
    this.#known = knownUnits(setup.machine, setup.guest, () => {
      this.#draft.accesses.registers++;
    });
  }

  /** @throws UserError `LAB_DEVICE` if the situation names what the guest does not have */
  run(hook: HookName, situation: HookSituation): Report {
    const { strategy } = this.#setup;
    if (!hook.startsWith('initcall:')) {
      const method = (strategy as Any)[hook];
      return this.#run(hook, situation, [(ctx) => method.call(strategy, ctx)]);
    }
    const level = hook.slice('initcall:'.length);
    const initcalls = (strategy.initcalls ?? []).filter((one) => one.level === level);
    const bodies = initcalls.map((initcall) => (ctx: Any) => {
      this.#setup.line(`calling  ${initcall.name}+0x0/0x0 @ 1`);
      return initcall.run(ctx);
    });
    return this.#run(hook, situation, bodies);
  }

  /** Runs what a hook has put off, once. */
  runScheduled(id: number, situation: HookSituation): Report {
    const putOff = this.#putOff.get(id);
    if (putOff === undefined) throw new UserError('LAB_WORK', `no work ${id} was put off`);
    this.#putOff.delete(id);
    return this.#run(putOff.hook, { ...putOff.situation, ...situation }, [putOff.work]);
  }

  #run(hook: HookName, situation: HookSituation, bodies: readonly ((ctx: Any) => unknown)[]): Report {
    this.#draft = draftOf(hook);
    const draft = this.#draft;
    const waitedMs = this.#budget.waitedMs;
    this.#pages ??= new OwnPages(situation.memory);
    const bytes = this.#pages.bytes;
    const services = this.#services(hook, situation);
    try {
      for (const body of bodies) {
        const ctx = restrictContext(hook, services as HookContext<HookName>, (one) =>
          draft.violations.push(one),
        );
        const returned = body(ctx);
        // A hook must be synchronous; one that is not must not fail behind everybody's back.
        if (returned instanceof Promise) returned.catch(() => {});
      }
    } catch (error) {
      draft.failure = failureOf(error, phaseOf(hook));
    }
    draft.waitedMs = this.#budget.waitedMs - waitedMs;
    draft.allocatedBytes = this.#pages.bytes - bytes;
    draft.violations = draft.violations.map(({ code, phase, message }) => ({ code, phase, message })) as Any;
    return draft;
  }

  #services(hook: HookName, situation: HookSituation): object {
    const { guest, machine, options, commandLine, line } = this.#setup;
    const draft = this.#draft;
    const pages = this.#pages as OwnPages;
    const phase = phaseOf(hook);
    const report = (violation: StrategyViolation): StrategyViolation => {
      draft.violations.push(violation);
      return violation;
    };
    const access = (kind: 'config' | 'memory') => (): void => {
      draft.accesses[kind]++;
      this.#budget.access(phase);
    };
    const delay = (ms: number): void => {
      this.#budget.wait(phase, ms);
      guest.wait(ms);
    };
    const log = (text: unknown): void => line(String(text).slice(0, 1000));
    const plain = ecamPort(guest, machine);
    const mmconfig = watchedPort(plain, access('config'));
    const found = this.#devices(hook, plain, mmconfig);
    const { units, reservedRegions } = this.#known;
    return {
      phase,
      options,
      commandLine: { has: (parameter: string) => commandLine.has(parameter) },
      log,
      delay,
      // A PC's firmware resets nothing for a kernel that asks.
      firmware: { hostBridges: [], resetHostBridge: () => {} },
      type1: type1Service(watchedPort(type1Port(guest), access('config')), phase, report),
      mmconfig: mmconfigService(mmconfig, phase, report),
      devices: deviceList(found),
      bootmem: bootmemService(guest, pages),
      pages: pageService(guest, pages),
      memory: memoryService(guest, pages, phase, access('memory'), report),
      units,
      reservedRegions,
      kernel: kernelServices({
        hook,
        translates:
          situation.translates ?? !(commandLine.has('intel_iommu=off') || commandLine.has('iommu=off')),
        delay,
        log,
        runKernel: () => {
          if (draft.ranKernel) return;
          draft.ranKernel = true;
          guest.runKernel();
        },
        get ranKernel() {
          return draft.ranKernel;
        },
        invalidationOf: (unit) => this.#invalidationOf(unit),
        notOffered: (service) => {
          if (!draft.notOffered.includes(service)) draft.notOffered = [...draft.notOffered, service];
        },
      }),
      schedule: (ms: number, work: (ctx: Any) => unknown) => {
        this.#budget.access(phase);
        // A time that is no number is refused as a wait would be.
        if (!(ms >= 0)) this.#budget.wait(phase, ms);
        const id = ++this.#lastId;
        this.#putOff.set(id, { hook, situation, work });
        draft.scheduled = [...draft.scheduled, { id, ms }];
      },
      ...special(hook, situation, units, found),
    };
  }

  /** Devices as the kernel knows them; what the lab itself reads for that is not the strategy's access. */
  #devices(hook: HookName, plain: ConfigPort, watched: ConfigPort): readonly KernelPciDevice[] {
    const offered = hookServices[hook];
    if (!offered.includes('devices')) return [];
    const { machine } = this.#setup;
    const which = phaseOf(hook) === 'crash' ? 'first' : 'second';
    const driven = new Set(machine.functions.filter(({ driver }) => driver[which]).map(({ name }) => name));
    let port = plain;
    const found = walkDevices(
      machine,
      () => port,
      (name) => driven.has(name),
    );
    port = watched;
    return found;
  }

  #invalidationOf(unit: RemappingUnitHandle): UnitInvalidation {
    const known = this.#invalidations.get(unit.name);
    if (known !== undefined) return known;
    const made = new UnitInvalidation(unit, this.#setup.guest, () => this.#pages as OwnPages);
    this.#invalidations.set(unit.name, made);
    return made;
  }
}

function phaseOf(hook: HookName): HookReport['violations'][number]['phase'] {
  return stopFor(hook)?.phase ?? 'device_initcalls';
}

function draftOf(hook: HookName): Draft {
  const { lines: _, ...report } = emptyReport(hook);
  return { ...report, violations: [], accesses: { config: 0, registers: 0, memory: 0 } };
}

function failureOf(error: unknown, phase: HookFailure['phase']): HookFailure {
  const code = error instanceof StrategyViolation ? error.code : 'THREW';
  return { code, message: error instanceof Error ? error.message : String(error), phase };
}

/** What only some hooks are given. */
function special(
  hook: HookName,
  { device, fault, error }: HookSituation,
  units: readonly RemappingUnitHandle[],
  found: readonly PciDevice[],
): object {
  const named = (name: string): PciDevice => {
    const one = found.find((each) => each.name === name);
    if (one !== undefined) return one;
    throw new UserError('LAB_DEVICE', `the guest has no function ${name}`);
  };
  const at = (id: number): PciDevice | undefined =>
    found.find((each) => ((each.bus << 8) | (each.device << 3) | each.fn) === id);
  if (hook === 'iommuFault' && fault !== undefined) {
    const unit = units.find(({ name }) => name === fault.unit);
    if (unit === undefined) throw new UserError('LAB_DEVICE', `the guest has no unit ${fault.unit}`);
    return { ...fault, unit, device: at(fault.requesterId) };
  }
  if (hook === 'aerError' && error !== undefined) {
    return { ...error, rootPort: named(error.rootPort), device: at(error.sourceId) };
  }
  return hook === 'deviceAttach' && device !== undefined ? { device: named(device) } : {};
}
