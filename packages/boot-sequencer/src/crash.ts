import type { Machine } from '@quiesce/machine';
import type { FabricMode } from '@quiesce/pcie-model';
import { UserError } from '@quiesce/simulation';
import type { StrategyPlugin } from '@quiesce/strategy';
import type { Kernel } from './kernel/kernel.ts';
import { formatLogLine } from './log/kernel-log.ts';
import { composeOutcome } from './outcome/compose-outcome.ts';
import { showingDisplays } from './outcome/display.ts';
import type { DeviceVerdict, Outcome } from './outcome/outcome.ts';
import { RequesterDomains } from './outcome/requester-domains.ts';
import { runCrashPath } from './phases/crash-path.ts';
import { startFirmwareTraffic } from './phases/firmware-traffic.ts';
import { runFirstKernel } from './phases/first-kernel.ts';
import { machineFunctionAt } from './phases/machine-drivers.ts';
import { rebootAfterDump } from './phases/reboot.ts';
import { SecondKernel } from './phases/second-kernel.ts';
import type { KernelProfile } from './profile/kernel-profile.ts';
import { kernelPair, kernelProfile } from './profile/profiles.ts';
import { defaultLimits, type StrategyLimits } from './strategy-host/budget.ts';
import { type HookObserver, StrategyHost } from './strategy-host/strategy-host.ts';
import { MachineStopped } from './world/machine-stopped.ts';
import { type Milestone, World } from './world/world.ts';

/** One crash: everything that its outcome depends on. */
export interface CrashRequest {
  readonly machine: Machine;
  // biome-ignore lint/suspicious/noExplicitAny: options of any plugin
  readonly strategy: StrategyPlugin<any>;
  /** As a user writes them; validated by the plugin's schema. */
  readonly options?: unknown;
  /** Profile of the second kernel, or of a pair such as `xen-2011`: by name, or one of your own. */
  readonly kernel: string | KernelProfile;
  /** Profile of the first kernel; default: the one that `kernel` stands for. */
  readonly firstKernel?: string | KernelProfile;
  /** Integer; draws the instant of the crash and what else is left to chance. */
  readonly seed: number;
  /** Parameters of the second kernel; default: `reset_devices` and those the strategy stands for. */
  readonly commandLine?: readonly string[];
  /** Default `steady-steps`; `event-by-event` gives the same outcome, slowly. */
  readonly mode?: FabricMode;
  readonly limits?: StrategyLimits;
  /** Events that the trace keeps; default 4,096. */
  readonly traceCapacity?: number;
  readonly hooks?: (world: World) => HookObserver;
  /** Asked for once; what it gives is told of each milestone, and may look at the machine as it stands then. */
  readonly milestones?: (world: World) => (milestone: Milestone) => void;
}

/** What {@link crash} gives: the outcome, and what it came from. */
export interface CrashResult {
  readonly outcome: Outcome;
  /** Both kernels' logs as a serial console shows them; formatted when first asked for. */
  readonly log: readonly string[];
  /** The machine as the run left it. */
  readonly world: World;
  readonly host: StrategyHost;
}

/**
 * Boots the first kernel on a machine, crashes it, and boots the second kernel over the same hardware.
 * @throws UserError for an unknown kernel, bad options, or a machine that cannot be run
 */
export function crash(request: CrashRequest): CrashResult {
  const pair = kernelPair(request.kernel);
  const first = request.firstKernel === undefined ? pair.first : kernelProfile(request.firstKernel);
  if (!Number.isInteger(request.seed)) {
    throw new UserError('SEED', `seed ${request.seed} is not an integer`);
  }
  const world = new World(request.machine, {
    seed: request.seed,
    mode: request.mode ?? 'steady-steps',
    traceCapacity: request.traceCapacity ?? 4096,
  });
  const parameters = request.commandLine ?? ['reset_devices', ...(request.strategy.kernelParameters ?? [])];
  const strategy = new StrategyHost(world, request.strategy, {
    options: request.options,
    commandLine: new Set(parameters),
    limits: request.limits ?? defaultLimits,
    observer: request.hooks?.(world),
  });
  world.onMilestone = request.milestones?.(world);
  let attached: ReadonlyMap<string, DeviceVerdict> = new Map();
  let booted: SecondKernel | undefined;
  startFirmwareTraffic(world);
  const kernel = runFirstKernel(world, first);
  const crashedAt = world.now;
  const displays = showingDisplays(world);
  const present = presentFunctions(world, kernel);
  const requesters = new RequesterDomains(kernel);
  try {
    runCrashPath(world, kernel, strategy);
    booted = new SecondKernel(world, pair.second, strategy);
    booted.run();
  } catch (error) {
    if (!(error instanceof MachineStopped)) throw error;
  }
  attached = booted?.attached ?? attached;
  const atDump = composeOutcome(world, strategy, attached, crashedAt, displays, present);
  const domains = requesters.now(booted?.kernel);
  const reboot =
    booted === undefined || world.stopped !== undefined
      ? atDump.reboot
      : rebootAfterDump(world, booted.kernel, attached);
  const outcome: Outcome = { ...atDump, domains, reboot, traceHash: world.trace.hash() };
  let log: readonly string[] | undefined;
  return {
    outcome,
    get log() {
      log ??= world.log.lines.map(formatLogLine);
      return log;
    },
    world,
    host: strategy,
  };
}

/** Functions that the first kernel had enumerated. */
function presentFunctions(world: World, kernel: Kernel): Set<string> {
  const names = new Set<string>();
  for (const device of kernel.devices) {
    const described = machineFunctionAt(world, device);
    if (described !== undefined) names.add(described.name);
  }
  return names;
}
