import { crash, type Outcome } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import type { RecordCase } from '../case/record-case.ts';
import { strategyLoader } from '../replay/load-strategy.ts';
import type { LoadStrategy } from '../replay/run-seeds.ts';
import { type ArmName, armOf } from '../world/arm.ts';
import { type PhaseStep, phaseSteps } from './phase-steps.ts';

/** Events of a run that are kept: enough for those of its phases to be among them. */
const TRACE_EVENTS = 1_000_000;

/** One crash of a case, with the logs of its kernels. */
export interface CaseStory {
  readonly machine: Machine;
  readonly strategy: string;
  /** First and second kernel. */
  readonly kernels: readonly [string, string];
  readonly seed: number;
  /** From the panic on. */
  readonly steps: readonly PhaseStep[];
  readonly outcome: Outcome;
  readonly log: readonly string[];
}

/**
 * Runs one crash of a case, or of its counterfactual, in this process, and keeps the log.
 * @throws UserError for what is wrong with the case or its strategy
 */
export async function tellCase(
  one: RecordCase,
  options: {
    readonly arm?: ArmName;
    readonly seed?: number;
    readonly lookUpFrom?: readonly string[];
    readonly load?: LoadStrategy;
  } = {},
): Promise<CaseStory> {
  const arm = armOf(one, options.arm ?? 'case');
  const strategy = await (options.load ?? strategyLoader(options.lookUpFrom ?? []))(arm.strategy);
  const seed = options.seed ?? 1;
  const { outcome, log, world } = crash({ ...arm.request, strategy, seed, traceCapacity: TRACE_EVENTS });
  const { recorder } = world;
  const steps = phaseSteps(world.trace, {
    dmaFaults: recorder.dmaFaults.total,
    interruptFaults: recorder.interruptFaults.total,
    systemErrors: recorder.systemErrors,
    leftoverBytes: recorder.leftoverBytes,
  });
  const { machine, kernel, firstKernel } = arm.request;
  const nameOf = (profile: typeof kernel | undefined): string =>
    typeof profile === 'string' ? profile : (profile?.name ?? '');
  return {
    machine,
    strategy: arm.strategy,
    kernels: [nameOf(firstKernel), nameOf(kernel)],
    seed,
    steps,
    outcome,
    log,
  };
}
