import {
  type Budget,
  type ConfigPort,
  deviceList,
  type KernelPciDevice,
  mmconfigService,
  type1Service,
} from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { hookServices, type RemappingUnitHandle, type StrategyViolation } from '@quiesce/strategy';
import type { HookSituation } from '../hook-situation.ts';
import { ecamPort, type1Port, watchedPort } from './config-ports.ts';
import { type DraftReport, phaseOf } from './draft-report.ts';
import { kernelServices } from './kernel-services.ts';
import { occasionOf } from './occasion.ts';
import { bootmemService, memoryService, type OwnPages, pageService } from './own-pages.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';
import type { KnownUnits } from './unit-handles.ts';
import type { UnitInvalidation } from './unit-invalidation.ts';
import { walkDevices } from './walk-devices.ts';

/** What the services of one hook stand on. */
export interface ServicesGround {
  readonly machine: Machine;
  readonly guest: SynchronousGuest;
  /** As the plugin's schema resolved them. */
  readonly options: unknown;
  readonly commandLine: ReadonlySet<string>;
  /** A line into the log, at once. */
  readonly line: (text: string) => void;
  readonly budget: Budget;
  readonly pages: OwnPages;
  readonly known: KnownUnits;
  invalidationOf(unit: RemappingUnitHandle): UnitInvalidation;
  // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
  schedule(ms: number, work: (ctx: any) => unknown): void;
}

/** Longest line that a strategy may log. */
const LINE_CHARACTERS = 1000;

/**
 * Everything that the hook of `draft` may be given; `restrictContext` takes of it what the hook's phase offers. What the
 * strategy does is counted in `draft`.
 * @throws UserError `LAB_DEVICE` if the situation names what the guest does not have
 */
export function servicesFor(ground: ServicesGround, draft: DraftReport, situation: HookSituation): object {
  const { machine, guest, commandLine, budget, pages } = ground;
  const { units, reservedRegions } = ground.known;
  const phase = phaseOf(draft.hook);
  const report = (violation: StrategyViolation): StrategyViolation => {
    draft.violations.push(violation);
    return violation;
  };
  const access = (kind: 'config' | 'memory') => (): void => {
    draft.accesses[kind]++;
    budget.access(phase);
  };
  const delay = (ms: number): void => {
    budget.wait(phase, ms);
    guest.wait(ms);
  };
  const log = (text: unknown): void => ground.line(String(text).slice(0, LINE_CHARACTERS));
  const ecam = ecamPort(guest, machine);
  const mmconfig = watchedPort(ecam, access('config'));
  const found = devicesFor(draft, machine, ecam, mmconfig);
  const withoutTranslation = commandLine.has('intel_iommu=off') || commandLine.has('iommu=off');
  return {
    phase,
    options: ground.options,
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
      hook: draft.hook,
      translates: situation.translates ?? !withoutTranslation,
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
      invalidationOf: (unit) => ground.invalidationOf(unit),
      notOffered: (service) => {
        if (!draft.notOffered.includes(service)) draft.notOffered.push(service);
      },
    }),
    schedule: ground.schedule,
    ...occasionOf(draft.hook, situation, units, found),
  };
}

/** Devices as the kernel knows them; what the lab itself reads for that is not the strategy's access. */
function devicesFor(
  { hook }: DraftReport,
  machine: Machine,
  ecam: ConfigPort,
  watched: ConfigPort,
): readonly KernelPciDevice[] {
  if (!hookServices[hook].includes('devices')) return [];
  const which = phaseOf(hook) === 'crash' ? 'first' : 'second';
  const driven = new Set(machine.functions.filter(({ driver }) => driver[which]).map(({ name }) => name));
  let port = ecam;
  const found = walkDevices(
    machine,
    () => port,
    (name) => driven.has(name),
  );
  port = watched;
  return found;
}
