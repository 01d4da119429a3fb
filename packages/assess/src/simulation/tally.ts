import {
  type ComparedRun,
  confidenceInterval,
  type Frequent,
  type Spread,
  summarise,
} from '@quiesce/benchmark';

/** A share of runs with its 95 % interval. */
export interface Share {
  readonly times: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

/** What became of some crashes. */
export interface Tally {
  readonly runs: number;
  /** Runs that came to an outcome. */
  readonly ended: number;
  /** Dumps written and true. */
  readonly trueDumps: Share;
  /** Dumps written, changed by leftover DMA or not. */
  readonly dumps: Share;
  readonly dmaFaults: Spread;
  readonly interruptFaults: Spread;
  readonly systemErrors: Spread;
  readonly untranslated: Spread;
  readonly corruptedBytes: Spread;
  /** Distinct pages of the dump that leftover DMA changed while it was written. */
  readonly changedPages: Spread;
  readonly displayLost: number;
  /** The machine did not come to its reset after the dump. */
  readonly rebootHung: number;
  /** Milliseconds from the panic to the end of the dump, the median. */
  readonly panicToDumpMs: number;
  /** The most frequent reason why the second kernel stopped. */
  readonly stopped: Frequent | null;
  /** The most frequent failure of the strategy itself, or of the simulation. */
  readonly failure: Frequent | null;
}

/** Adds up runs of one strategy on one kernel, whatever they ran on. */
export function tallyOf(runs: readonly ComparedRun[]): Tally {
  const alike = runs.map((run) => ({ ...run, strategy: '', kernel: '' }));
  const [summary] = summarise({
    schema: 'quiesce/comparison/1',
    machine: { name: '', functions: 0, units: 0 },
    firstKernel: '',
    runs: alike,
  });
  const ended = summary?.ended ?? 0;
  const saved = summary?.dump.saved ?? 0;
  const altered = summary?.dump.altered ?? 0;
  const none: Spread = { least: 0, median: 0, most: 0 };
  return {
    runs: runs.length,
    ended,
    trueDumps: shareOf(saved, ended),
    dumps: shareOf(saved + altered, ended),
    dmaFaults: summary?.dmaFaults ?? none,
    interruptFaults: summary?.interruptFaults ?? none,
    systemErrors: summary?.systemErrors ?? none,
    untranslated: summary?.untranslated ?? none,
    corruptedBytes: summary?.corruptedBytes ?? none,
    changedPages: spreadOf(
      runs.flatMap(({ outcome }) => (outcome === null ? [] : [outcome.dumpChanges.pages])),
    ),
    displayLost: summary?.displayLost ?? 0,
    rebootHung: runs.filter(({ outcome }) => outcome?.reboot.verdict === 'hung').length,
    panicToDumpMs: summary?.panicToDumpMs ?? 0,
    stopped: summary?.stopped ?? null,
    failure: summary?.failure ?? null,
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  return { least: at(0), median: at(Math.floor(sorted.length / 2)), most: at(sorted.length - 1) };
}

function shareOf(times: number, of: number): Share {
  const { low, high } = of === 0 ? { low: 0, high: 1 } : confidenceInterval(times, of);
  return { times, of, low, high };
}
