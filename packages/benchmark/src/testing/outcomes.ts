import type { Outcome } from '@quiesce/boot-sequencer';
import type { ComparedRun, RunFailure } from '../comparison/comparison.ts';

/** An outcome in which nothing happened, but for `changes`. */
export function outcomeWith(changes: Partial<Outcome> = {}): Outcome {
  return {
    dump: 'saved',
    stoppedAt: null,
    dmaFaults: { total: 0, byRequester: {}, firstMs: null, lastMs: null },
    interruptFaults: { total: 0, byRequester: {}, firstMs: null, lastMs: null },
    interrupts: { stray: 0, staleInService: [], receiveAcceptErrors: 0 },
    systemErrors: 0,
    untranslated: { total: 0, byRequester: {} },
    corruption: [],
    devices: { '01:00.0': 'working', '02:00.0': 'no-driver' },
    domains: {},
    display: 'none',
    firmwareTraffic: 'none',
    time: { strategyMs: 0, panicToDumpMs: 8000 },
    memory: { extraBytes: 0, allocations: 0 },
    dumpChanges: { bytes: 0, pages: 0 },
    reboot: { verdict: 'completed', cause: null },
    strategyFailure: null,
    traceHash: '0123456789abcdef',
    ...changes,
  };
}

/** Runs of one strategy, with seeds from 1. */
export function runsOf(
  strategy: string,
  outcomes: readonly (Outcome | null)[],
  failure: RunFailure | null = null,
): ComparedRun[] {
  return outcomes.map((outcome, index) => ({
    strategy,
    kernel: 'linux-3.10',
    seed: index + 1,
    outcome,
    failure: outcome === null ? failure : outcome.strategyFailure,
  }));
}
