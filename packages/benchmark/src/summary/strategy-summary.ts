import { max, median, min } from 'simple-statistics';
import type { ComparedRun, Comparison } from '../comparison/comparison.ts';

/** Smallest, middle and largest value over the runs of a row. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** One strategy on one kernel over all seeds. */
export interface StrategySummary {
  readonly strategy: string;
  readonly kernel: string;
  readonly runs: number;
  /** Runs that have an outcome. */
  readonly ended: number;
  /** Runs that the plugin itself spoiled. */
  readonly failed: number;
  readonly dump: { readonly saved: number; readonly altered: number; readonly lost: number };
  readonly dmaFaults: Spread;
  readonly interruptFaults: Spread;
  readonly systemErrors: Spread;
  readonly untranslated: Spread;
  readonly corruptedBytes: Spread;
  /** Drivers that came up, out of those that there are; the worst run. */
  readonly devicesWorking: { readonly least: number; readonly of: number };
  readonly displayLost: number;
  readonly hasDisplay: boolean;
  readonly strategyMs: number;
  readonly panicToDumpMs: number;
  readonly extraBytes: number;
  /** The most frequent reason why the second kernel stopped. */
  readonly stopped: Frequent | null;
  /** The most frequent failure of the plugin itself. */
  readonly failure: Frequent | null;
}

/** A reason, and the number of runs that have it. */
export interface Frequent {
  readonly text: string;
  readonly runs: number;
}

/** Summaries in the order in which strategies and kernels first appear. */
export function summarise(comparison: Comparison): StrategySummary[] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of comparison.runs) {
    const key = `${run.kernel}\n${run.strategy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map(summariseGroup);
}

function summariseGroup(runs: readonly ComparedRun[]): StrategySummary {
  const first = runs[0] as ComparedRun;
  const outcomes = runs.flatMap((run) => (run.outcome === null ? [] : [run.outcome]));
  const count = (dump: string): number => outcomes.filter((outcome) => outcome.dump === dump).length;
  const working = outcomes.map((outcome) => {
    const driven = Object.values(outcome.devices).filter((verdict) => verdict !== 'no-driver');
    return { working: driven.filter((verdict) => verdict === 'working').length, of: driven.length };
  });
  return {
    strategy: first.strategy,
    kernel: first.kernel,
    runs: runs.length,
    ended: outcomes.length,
    failed: runs.filter((run) => run.failure !== null).length,
    dump: { saved: count('saved'), altered: count('altered'), lost: count('lost') },
    dmaFaults: spread(outcomes.map((outcome) => outcome.dmaFaults.total)),
    interruptFaults: spread(outcomes.map((outcome) => outcome.interruptFaults.total)),
    systemErrors: spread(outcomes.map((outcome) => outcome.systemErrors)),
    untranslated: spread(outcomes.map((outcome) => outcome.untranslated.total)),
    corruptedBytes: spread(
      outcomes.map((outcome) => outcome.corruption.reduce((sum, one) => sum + one.bytes, 0)),
    ),
    devicesWorking: {
      least: working.reduce((least, one) => Math.min(least, one.working), working[0]?.of ?? 0),
      of: working[0]?.of ?? 0,
    },
    displayLost: outcomes.filter((outcome) => outcome.display === 'lost').length,
    hasDisplay: outcomes.some((outcome) => outcome.display !== 'none'),
    strategyMs: middle(outcomes.map((outcome) => outcome.time.strategyMs)),
    panicToDumpMs: middle(outcomes.map((outcome) => outcome.time.panicToDumpMs)),
    extraBytes: middle(outcomes.map((outcome) => outcome.memory.extraBytes)),
    stopped: mostFrequent(
      outcomes.flatMap(({ stoppedAt }) => (stoppedAt ? [`${stoppedAt.phase}: ${stoppedAt.cause}`] : [])),
    ),
    failure: mostFrequent(
      runs.flatMap(({ failure }) => (failure ? [`${failure.code}: ${failure.message}`] : [])),
    ),
  };
}

function spread(values: readonly number[]): Spread {
  if (values.length === 0) return { least: 0, median: 0, most: 0 };
  return { least: min(values), median: middle(values), most: max(values) };
}

function middle(values: readonly number[]): number {
  return values.length === 0 ? 0 : median([...values]);
}

function mostFrequent(values: readonly string[]): Frequent | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: Frequent | null = null;
  for (const [text, runs] of counts) {
    if (best === null || runs > best.runs) best = { text, runs };
  }
  return best;
}
