import { writeAccount } from '../observe/write-account.ts';
import type { Cache } from '../provision/cache/cache.ts';
import { StrategyWorker } from '../strategy/strategy-worker.ts';
import type { BootPlan } from './boot-plan.ts';
import { secondCommandLine } from './command-lines.ts';
import type { LabMachine } from './first-kernel.ts';
import { KeptFiles } from './kept-files.ts';
import type { LabObservation, LabRequest } from './lab-request.ts';
import { reachSetupArch } from './reach-setup-arch.ts';

/** One crash. @param run counted from 0 */
export async function runOnce(
  request: LabRequest,
  plan: BootPlan,
  run: number,
  cache: Cache,
  qemuVersion: string,
): Promise<LabObservation> {
  const { strategy, machine, signal } = request;
  const onStep = (step: string): void => request.onProgress?.({ run, step });
  const started = performance.now();
  const commandLine = commandLineOf(request);
  const kept = request.keep === undefined ? undefined : await KeptFiles.in(request.keep, run);
  const worker = await StrategyWorker.start({
    module: strategy.module,
    options: strategy.options,
    commandLine: commandLine.split(' '),
    machine,
  });
  let lab: LabMachine | undefined;
  const abort = (): void => lab?.qemu.kill();
  const onStart = (one: LabMachine): void => {
    lab = one;
    kept?.follow(one);
    if (signal?.aborted === true) abort();
  };
  signal?.addEventListener('abort', abort);
  try {
    const fresh = request.fresh ?? false;
    const guest = await reachSetupArch({ plan, worker, cache, qemuVersion, fresh, onStep, onStart });
    const stopped = guest.stopped ?? (await guest.run.boot(commandLine));
    const account = writeAccount(machine, guest.lab, await guest.run.record(stopped));
    signal?.throwIfAborted();
    const files = (await kept?.finish(guest.lab)) ?? {};
    return { account, files, seconds: (performance.now() - started) / 1000 };
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.close();
    await lab?.qemu.close();
  }
}

function commandLineOf({ strategy, variant, machine }: LabRequest): string {
  const withoutDriver = machine.functions.filter(({ driver }) => driver.first && !driver.second);
  return secondCommandLine(
    variant,
    strategy.plugin.kernelParameters ?? [],
    withoutDriver.map(({ name }) => name),
  );
}
