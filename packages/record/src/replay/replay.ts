import { availableParallelism } from 'node:os';
import { UserError } from '@quiesce/simulation';
import type { RecordCase } from '../case/record-case.ts';
import type { ArmName } from '../world/arm.ts';
import { added, failedCase, judge } from './judge.ts';
import { Lanes } from './lanes.ts';
import type { RecordResult, ReplayedCase } from './replay-result.ts';
import type { LoadStrategy, SeedTallies, SeedTask } from './run-seeds.ts';

/** Crashes in one task: enough to make a message worth while, few enough to keep both processors busy. */
const SEEDS_PER_TASK = 50;

/** Which cases are replayed, and how. */
export interface ReplayRequest {
  readonly cases: readonly RecordCase[];
  /** Processes; 0 runs all in this one. Default: as many as there are processors. */
  readonly workers?: number;
  /** Folders from which strategies are looked up, before those that come with this package. */
  readonly lookUpFrom?: readonly string[];
  /** Loads strategies where `workers` is 0; default: looks packages up. */
  readonly load?: LoadStrategy;
  /** Whether each case is run without its cause, too. Default true. */
  readonly counterfactuals?: boolean;
  /** Seconds that a task of at most 50 crashes may take; default 60. */
  readonly timeLimitSeconds?: number;
  /** Told of crashes done and to be done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Replays cases: each at as many instants as it asks for, and again without its cause. A case that cannot be run is
 * `failed`, with the reason; the others go on.
 */
export async function replay(request: ReplayRequest): Promise<RecordResult> {
  const workers = request.workers ?? availableParallelism();
  const lanes = new Lanes({
    workers,
    lookUpFrom: request.lookUpFrom ?? [],
    timeLimitSeconds: request.timeLimitSeconds ?? 60,
    load: request.load,
  });
  const withCauses = request.counterfactuals ?? true;
  const tasks = request.cases.flatMap((one) => tasksOf(one, withCauses));
  const total = tasks.reduce((sum, task) => sum + task.seeds, 0);
  let done = 0;
  const run: RunTask = async (task) => {
    const tallies = await lanes.runSeeds(task);
    done += task.seeds;
    request.onProgress?.(done, total);
    return tallies;
  };
  try {
    // Long cases first, so that no processor is left with one at the end.
    const order = [...request.cases].sort((a, b) => seedsOf(b, 'case') - seedsOf(a, 'case'));
    const results = new Map<RecordCase, ReplayedCase>();
    await Promise.all(order.map(async (one) => results.set(one, await replayCase(one, withCauses, run))));
    const cases = request.cases.map((one) => results.get(one) as ReplayedCase);
    return { schema: 'quiesce/record/1', cases, totals: totalsOf(cases, total) };
  } finally {
    await lanes.close();
  }
}

/** Runs one task. @throws UserError with what the case or its strategy has wrong */
type RunTask = (task: SeedTask) => Promise<SeedTallies>;

async function replayCase(one: RecordCase, withCause: boolean, run: RunTask): Promise<ReplayedCase> {
  const arm = async (name: ArmName): Promise<SeedTallies> =>
    added(await Promise.all(armTasks(one, name).map(run)));
  try {
    const [runs, without] = await Promise.all([
      arm('case'),
      withCause && one.counterfactual !== undefined ? arm('counterfactual') : undefined,
    ]);
    return judge(one, runs, without);
  } catch (error) {
    if (error instanceof UserError || error instanceof Error) return failedCase(one, error.message);
    throw error;
  }
}

function tasksOf(one: RecordCase, withCauses: boolean): SeedTask[] {
  const without = withCauses && one.counterfactual !== undefined ? armTasks(one, 'counterfactual') : [];
  return [...armTasks(one, 'case'), ...without];
}

function armTasks(one: RecordCase, arm: ArmName): SeedTask[] {
  const seeds = seedsOf(one, arm);
  const tasks: SeedTask[] = [];
  for (let firstSeed = 1; firstSeed <= seeds; firstSeed += SEEDS_PER_TASK) {
    tasks.push({ one, arm, firstSeed, seeds: Math.min(SEEDS_PER_TASK, seeds - firstSeed + 1) });
  }
  return tasks;
}

/** Crashes of one arm. Without its cause a case is seldom a matter of shares. */
function seedsOf(one: RecordCase, arm: ArmName): number {
  const seeds = one.seeds ?? 4;
  return arm === 'case' ? seeds : (one.counterfactual?.seeds ?? Math.min(seeds, 100));
}

function totalsOf(cases: readonly ReplayedCase[], crashes: number): RecordResult['totals'] {
  const count = (verdict: ReplayedCase['verdict']): number =>
    cases.filter((one) => one.verdict === verdict).length;
  return {
    cases: cases.length,
    agrees: count('agrees'),
    disagrees: count('disagrees'),
    unexplained: count('unexplained'),
    failed: count('failed'),
    flips: cases.filter((one) => one.counterfactual?.flips === true).length,
    crashes,
  };
}
