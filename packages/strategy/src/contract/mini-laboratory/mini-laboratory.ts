import { UserError } from '@quiesce/simulation';
import { StrategyViolation } from '../../errors.ts';
import type { HookName } from '../../hooks/hook-name.ts';
import { resolveOptions } from '../../options/resolve-options.ts';
import { initcallLevels, type Phase } from '../../phases.ts';
import type { Strategy } from '../../strategy.ts';
import type {
  ConfigDifference,
  ContractLaboratory,
  ContractRequest,
  ContractRun,
  HookRun,
} from '../laboratory.ts';
import { phaseOf } from './hook-phase.ts';
import type { MiniFunction } from './mini-function.ts';
import { MiniMachine } from './mini-machine.ts';
import { type MiniMachineDescription, onePort, switchAndDisplay } from './mini-machines.ts';

const machines: readonly MiniMachineDescription[] = [onePort, switchAndDisplay];

/**
 * A laboratory in memory: a few fake functions behind a port or a switch, one remapping unit that keeps its registers
 * and walks nothing, and a second kernel that does nothing but call hooks. It says whether a plugin keeps the
 * contract, not whether its idea works: for that there is the boot sequencer.
 */
export function miniLaboratory(): ContractLaboratory {
  return { machines: machines.map((each) => each.name), run };
}

function run(request: ContractRequest): ContractRun {
  const description = machines.find((each) => each.name === request.machine);
  if (description === undefined) {
    throw new UserError('UNKNOWN_MACHINE', `the mini laboratory has no machine ${request.machine}`, {
      expected: machines.map((each) => each.name).join(' or '),
    });
  }
  const session = new MiniSession(new MiniMachine(description, request.seed));
  session.run(request);
  return {
    traceHash: session.machine.traceHash(),
    failure: session.failure,
    violations: session.machine.violations,
    configDifferences: session.differences,
    hooks: session.hooks,
  };
}

/** One crash and one boot, hook by hook. */
class MiniSession {
  readonly machine: MiniMachine;
  readonly hooks: HookRun[] = [];
  readonly differences: ConfigDifference[] = [];
  failure: ContractRun['failure'] = null;

  constructor(machine: MiniMachine) {
    this.machine = machine;
  }

  run(request: ContractRequest): void {
    const { plugin } = request;
    let phase: Phase | null = null;
    try {
      const options: unknown = resolveOptions(plugin, request.options);
      const strategy: Strategy = plugin.create(options);
      const parameters = [...(strategy.kernelParameters ?? plugin.kernelParameters ?? [])];
      const call = (hook: HookName, about?: string, body?: (ctx: never) => unknown): void => {
        phase = phaseOf(hook);
        if (body === undefined) return;
        const ctx = this.machine.contextFor(hook, {
          options,
          commandLine: ['reset_devices', ...parameters],
          ...(about === undefined ? {} : { function: about }),
        });
        this.#watch(hook, phase, () => body(ctx as never));
      };
      this.#boot(strategy, call);
    } catch (error) {
      this.failure = describe(error, phase);
      this.machine.note(`failure ${this.failure?.code}`);
    }
  }

  /** Initcalls of one level follow each other; interrupt remapping precedes them all, the IOMMU comes before rootfs. */
  #boot(
    strategy: Strategy,
    call: (hook: HookName, about?: string, body?: (ctx: never) => unknown) => void,
  ): void {
    const method = (hook: keyof Strategy & HookName): ((ctx: never) => unknown) | undefined => {
      const body = strategy[hook] as ((ctx: never) => unknown) | undefined;
      return body === undefined ? undefined : (ctx) => body.call(strategy, ctx);
    };
    call('crash', undefined, method('crash'));
    call('iommuCrashShutdown', undefined, method('iommuCrashShutdown'));
    call('setupArch', undefined, method('setupArch'));
    call('irqRemapInit', undefined, method('irqRemapInit'));
    for (const level of initcallLevels) {
      if (level === 'rootfs') call('iommuInit', undefined, method('iommuInit'));
      for (const initcall of strategy.initcalls ?? []) {
        if (initcall.level === level) call(`initcall:${level}`, undefined, (ctx) => initcall.run(ctx));
      }
      if (level === 'device') this.#attachDrivers(call, method);
    }
  }

  /** Every function with a driver; the first of them has faulted and reported an error before. */
  #attachDrivers(
    call: (hook: HookName, about?: string, body?: (ctx: never) => unknown) => void,
    method: (hook: keyof Strategy & HookName) => ((ctx: never) => unknown) | undefined,
  ): void {
    const driven = this.machine.topology.functions.filter((each) => each.description.driver === true);
    const first = driven[0]?.description.name;
    call('iommuFault', first, method('iommuFault'));
    call('aerError', first, method('aerError'));
    for (const each of driven) call('deviceAttach', each.description.name, method('deviceAttach'));
  }

  #watch(hook: HookName, phase: Phase, body: () => unknown): void {
    const before = this.machine.topology.functions.map((each) => ({
      each,
      image: each.image(),
      resets: ownResets(each),
    }));
    let returnedThenable = false;
    try {
      const returned = body();
      this.machine.finishWork();
      returnedThenable = isThenable(returned);
      if (isThenable(returned)) returned.then(undefined, () => {});
    } finally {
      this.hooks.push({ hook, phase, returnedThenable });
      for (const { each, image, resets } of before)
        this.#compare(hook, each, image, ownResets(each) !== resets);
    }
  }

  #compare(hook: HookName, each: MiniFunction, image: Uint8Array, reset: boolean): void {
    const now = each.image();
    for (let offset = 0; offset < 256; offset += 4) {
      const [before, after] = [dword(image, offset), dword(now, offset)];
      if (before === after) continue;
      const capability = each.capabilityAt(offset);
      this.differences.push({
        function: each.description.name,
        hook,
        headerType: each.isBridge ? 1 : 0,
        reset,
        offset,
        ...(capability === undefined ? {} : { capability }),
        before,
        after,
      });
    }
  }
}

function describe(error: unknown, phase: Phase | null): NonNullable<ContractRun['failure']> {
  if (error instanceof StrategyViolation) {
    return { code: error.code, message: error.message, phase: error.phase };
  }
  const code = error instanceof UserError ? error.code : 'THREW';
  return { code, message: error instanceof Error ? error.message : String(error), phase };
}

/** Resets that the strategy has made itself: what firmware was asked to reset is left to enumeration. */
function ownResets({ resets, resetsByFirmware }: MiniFunction): number {
  return resets - resetsByFirmware;
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}

function dword(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer).getUint32(offset, true);
}
