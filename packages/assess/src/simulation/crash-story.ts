import { loadPlugin } from '@quiesce/benchmark';
import { crash, type Milestone, type Outcome } from '@quiesce/boot-sequencer';
import { millisecond } from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';
import { type CrashSetup, machineUnder } from './experiment.ts';
import type { WorkloadVariant } from './workloads.ts';

/** A phase of one crash. */
export interface StoryPhase {
  readonly phase: Phase | 'load_drivers';
  readonly startMs: number;
  readonly endMs: number;
  /** Bytes that devices of the dead kernel wrote into its own buffers meanwhile. */
  readonly leftoverBytes: number;
}

/** What one requester did in one phase. */
export interface StoryMark {
  readonly requester: string;
  readonly phase: Phase;
  readonly kind: 'dma-fault' | 'interrupt-fault' | 'corruption';
  readonly count: number;
  /** The chain of the first: from the device over the table entry to what was hit or refused. */
  readonly via: string;
}

/** One simulated crash, for a time line. Times are milliseconds after the panic. */
export interface CrashStory {
  readonly workload: string;
  readonly seed: number;
  readonly phases: readonly StoryPhase[];
  readonly marks: readonly StoryMark[];
  readonly outcome: Outcome;
}

/** Runs one crash in this process and keeps when each phase began. */
export async function crashStory(
  setup: CrashSetup,
  workload: WorkloadVariant,
  seed: number,
): Promise<CrashStory> {
  const strategy = await loadPlugin(setup.strategy.module);
  const starts: { milestone: Milestone; at: number; leftover: number }[] = [];
  let end = 0;
  const { outcome, world } = crash({
    machine: machineUnder(setup, workload),
    strategy,
    options: setup.strategy.options,
    kernel: setup.second,
    firstKernel: setup.first,
    seed,
    commandLine: ['reset_devices', ...(strategy.kernelParameters ?? []), ...setup.parameters],
    milestones: (running) => (milestone) =>
      starts.push({ milestone, at: running.now, leftover: running.recorder.leftoverBytes }),
  });
  end = world.now;
  const panic = starts.find(({ milestone }) => milestone === 'crash')?.at ?? starts[0]?.at ?? 0;
  const ms = (at: number): number => Math.round((at - panic) / millisecond);
  const after = starts.filter(({ at, milestone }) => at >= panic && milestone !== 'first_kernel');
  const phases = after.map(({ milestone, at, leftover }, index): StoryPhase => {
    const next = after[index + 1];
    return {
      phase: milestone,
      startMs: ms(at),
      endMs: ms(next?.at ?? end),
      leftoverBytes: (next?.leftover ?? world.recorder.leftoverBytes) - leftover,
    };
  });
  return { workload: workload.name, seed, phases, marks: marksOf(outcome), outcome };
}

function marksOf(outcome: Outcome): StoryMark[] {
  const marks: StoryMark[] = [];
  for (const [kind, faults] of [
    ['dma-fault', outcome.dmaFaults],
    ['interrupt-fault', outcome.interruptFaults],
  ] as const) {
    for (const [requester, { phases, via }] of Object.entries(faults.byRequester)) {
      for (const [phase, count] of Object.entries(phases)) {
        marks.push({ requester, phase: phase as Phase, kind, count, via: Object.values(via)[0] ?? '' });
      }
    }
  }
  for (const { requester, phases, bytes, via } of outcome.corruption) {
    const [phase] = phases;
    if (phase !== undefined) marks.push({ requester, phase, kind: 'corruption', count: bytes, via });
  }
  return marks;
}
