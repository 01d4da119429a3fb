import type { Cache } from '../provision/cache/cache.ts';
import {
  canBeSaved,
  finishSnapshot,
  incoming,
  readSnapshot,
  saveSnapshot,
  snapshotKey,
} from '../snapshot/crash-snapshot.ts';
import { waitForIncoming } from '../snapshot/wait-for-incoming.ts';
import type { StrategyWorker } from '../strategy/strategy-worker.ts';
import type { BootPlan } from './boot-plan.ts';
import { CrashRun } from './crash-run.ts';
import { bootFirstKernel, type LabMachine, startQemu } from './first-kernel.ts';

/** A guest on its way into the second kernel. */
export interface CrashedGuest {
  readonly lab: LabMachine;
  readonly run: CrashRun;
  /** Why it did not come to setup_arch; null if it stands there. */
  readonly stopped: string | null;
}

/** How {@link reachSetupArch} gets there. */
export interface ReachOptions {
  readonly plan: BootPlan;
  readonly worker: StrategyWorker;
  readonly cache: Cache;
  /** Of QEMU, as it says it; a snapshot is good for one version only. */
  readonly qemuVersion: string;
  /** Boots and crashes the first kernel anew, instead of taking up a snapshot. */
  readonly fresh: boolean;
  readonly onStep: (step: string) => void;
  /** Is told of QEMU as soon as it runs. */
  readonly onStart: (lab: LabMachine) => void;
}

/**
 * Brings a guest to the second kernel's setup_arch: from a snapshot where there can be one, which the first such run takes;
 * by booting and crashing the first kernel where the strategy runs on the crash path or the machine cannot be saved.
 */
export async function reachSetupArch(options: ReachOptions): Promise<CrashedGuest> {
  const { plan, worker, cache, qemuVersion } = options;
  const runsOnCrashPath = worker.hooks.some((hook) => hook === 'crash' || hook === 'iommuCrashShutdown');
  if (options.fresh || runsOnCrashPath || !canBeSaved(plan)) return crashAnew(options);
  const folder = await cache.entry(snapshotKey(plan, qemuVersion), async (building) => {
    options.onStep('snapshot');
    const { lab, run, stopped } = await crashAnew(options);
    try {
      if (stopped !== null) throw new Error(`no snapshot can be taken: ${stopped}`);
      await saveSnapshot(lab.qemu, run.crashPhase, building);
    } finally {
      await lab.qemu.close();
    }
    await finishSnapshot(building);
  });
  await cache.prune('snapshot');
  const snapshot = await readSnapshot(folder);
  const lab = await startQemu(plan, ['-incoming', incoming(snapshot)]);
  options.onStart(lab);
  try {
    await waitForIncoming(lab.qemu);
    const run = new CrashRun(plan, lab, worker, options.onStep);
    await run.resume(snapshot.crash);
    return { lab, run, stopped: null };
  } catch (error) {
    await lab.qemu.close();
    throw error;
  }
}

async function crashAnew({ plan, worker, onStep, onStart }: ReachOptions): Promise<CrashedGuest> {
  onStep('first kernel');
  const lab = await bootFirstKernel(plan, onStart);
  try {
    const run = new CrashRun(plan, lab, worker, onStep);
    const stopped = await run.crash();
    return { lab, run, stopped };
  } catch (error) {
    await lab.qemu.close();
    throw error;
  }
}
