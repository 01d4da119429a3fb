import { crash, type Outcome } from '@quiesce/boot-sequencer';
import type { RecordCase } from '../case/record-case.ts';
import type { LoadStrategy } from '../replay/run-seeds.ts';
import { knownArm } from '../world/known-arm.ts';

/** Crashes of one world of the record with one strategy. */
export interface WorldTask {
  readonly one: RecordCase;
  readonly strategy: string;
  readonly seeds: number;
}

/** Sums over the crashes of a task. */
export interface WorldSums {
  runs: number;
  saved: number;
  altered: number;
  lost: number;
  dmaFaults: number;
  interruptFaults: number;
  systemErrors: number;
  untranslated: number;
  corruptedBytes: number;
  displaysLost: number;
  devicesLost: number;
  rebootsHung: number;
  /** Runs in which the plugin itself failed. */
  strategyFailures: number;
  strategyMs: number;
  extraBytes: number;
}

/** Nothing yet. */
export function noSums(): WorldSums {
  return {
    runs: 0,
    saved: 0,
    altered: 0,
    lost: 0,
    dmaFaults: 0,
    interruptFaults: 0,
    systemErrors: 0,
    untranslated: 0,
    corruptedBytes: 0,
    displaysLost: 0,
    devicesLost: 0,
    rebootsHung: 0,
    strategyFailures: 0,
    strategyMs: 0,
    extraBytes: 0,
  };
}

/** Adds `more` to `sums`. */
export function addSums(sums: WorldSums, more: WorldSums): void {
  for (const key of Object.keys(sums) as (keyof WorldSums)[]) sums[key] += more[key];
}

/** @throws UserError for a strategy or a case that cannot be run */
export async function runWorld(task: WorldTask, load: LoadStrategy): Promise<WorldSums> {
  const strategy = await load(task.strategy);
  // The strategy's own options and parameters, not those of the case.
  const { machine, kernel, firstKernel } = knownArm(task.one, 'case').request;
  const sums = noSums();
  for (let seed = 1; seed <= task.seeds; seed++) {
    const first = firstKernel === undefined ? {} : { firstKernel };
    addOutcome(sums, crash({ machine, kernel, ...first, strategy, seed, traceCapacity: 16 }).outcome);
  }
  return sums;
}

function addOutcome(sums: WorldSums, outcome: Outcome): void {
  sums.runs++;
  sums[outcome.dump]++;
  sums.dmaFaults += outcome.dmaFaults.total;
  sums.interruptFaults += outcome.interruptFaults.total;
  sums.systemErrors += outcome.systemErrors;
  sums.untranslated += outcome.untranslated.total;
  sums.corruptedBytes += outcome.corruption.reduce((total, one) => total + one.bytes, 0);
  if (outcome.display === 'lost') sums.displaysLost++;
  sums.devicesLost += Object.values(outcome.devices).filter(
    (one) => one === 'lost' || one === 'failed',
  ).length;
  if (outcome.reboot.verdict === 'hung') sums.rebootsHung++;
  if (outcome.strategyFailure !== null) sums.strategyFailures++;
  sums.strategyMs += outcome.time.strategyMs;
  sums.extraBytes += outcome.memory.extraBytes;
}
