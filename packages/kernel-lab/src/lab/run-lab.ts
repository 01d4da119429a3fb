import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QemuProcess } from '@quiesce/qemu-control';
import { writeAccount } from '../observe/write-account.ts';
import { Cache } from '../provision/cache/cache.ts';
import { labKernel } from '../provision/kernel/debian-kernel.ts';
import type { LabKernel } from '../provision/kernel/lab-kernel.ts';
import { kernelFromFiles } from '../provision/kernel/own-kernel.ts';
import { StrategyWorker } from '../strategy/strategy-worker.ts';
import { type BootPlan, planBoot } from './boot-plan.ts';
import { secondCommandLine } from './command-lines.ts';
import type { LabMachine } from './first-kernel.ts';
import type { LabObservation, LabRequest, LabResult } from './lab-request.ts';
import { reachSetupArch } from './reach-setup-arch.ts';

/**
 * Crashes a real kernel as often as it is asked to, with the strategy's hooks run at its boot phases.
 *
 * @throws UserError of provision and of the strategy, `LAB_KEXEC`, `LAB_BOOT`; `QemuError`
 */
export async function runLab(request: LabRequest, cache: Cache = new Cache()): Promise<LabResult> {
  const kernel = await kernelOf(request, cache);
  const plan = await planBoot(request.machine, kernel, request.variant, cache);
  const observations: LabObservation[] = [];
  const qemuVersion = QemuProcess.version();
  for (let run = 0; run < request.runs; run++) {
    request.signal?.throwIfAborted();
    observations.push(await runOnce(request, plan, run, cache, qemuVersion));
  }
  return {
    kernelRelease: kernel.release,
    kernelVersion: versionOf(kernel.name, observations),
    qemuVersion,
    observations,
  };
}

function kernelOf({ kernel }: LabRequest, cache: Cache): Promise<LabKernel> {
  return typeof kernel === 'string' ? labKernel(kernel, cache) : kernelFromFiles(kernel, cache);
}

async function runOnce(
  request: LabRequest,
  plan: BootPlan,
  run: number,
  cache: Cache,
  qemuVersion: string,
): Promise<LabObservation> {
  const onStep = (step: string): void => request.onProgress?.({ run, step });
  const started = performance.now();
  const { strategy, variant, machine } = request;
  const parameters = strategy.plugin.kernelParameters ?? [];
  const withoutDriver = machine.functions
    .filter(({ driver }) => driver.first && !driver.second)
    .map(({ name }) => name);
  const commandLine = secondCommandLine(variant, parameters, withoutDriver);
  const worker = await StrategyWorker.start({
    module: strategy.module,
    options: strategy.options,
    commandLine: commandLine.split(' '),
    machine,
  });
  let lab: LabMachine | undefined;
  const onStart = (started: LabMachine): void => {
    lab = started;
  };
  const abort = (): void => lab?.qemu.kill();
  request.signal?.addEventListener('abort', abort);
  try {
    const fresh = request.fresh ?? false;
    const guest = await reachSetupArch({ plan, worker, cache, qemuVersion, fresh, onStep, onStart });
    lab = guest.lab;
    const crash = guest.run;
    const stopped = guest.stopped ?? (await crash.boot(commandLine));
    const record = await crash.record(stopped);
    const account = writeAccount(machine, lab, record);
    const files = request.keep === undefined ? {} : await keep(request.keep, run, lab);
    request.signal?.throwIfAborted();
    return { account, files, seconds: (performance.now() - started) / 1000 };
  } finally {
    request.signal?.removeEventListener('abort', abort);
    await worker.close();
    await lab?.qemu.close();
  }
}

async function keep(folder: string, run: number, lab: LabMachine): Promise<Record<string, string>> {
  const directory = join(folder, `run-${run + 1}`);
  await mkdir(directory, { recursive: true });
  const files: Record<string, string> = {};
  const write = async (name: string, content: string | Buffer): Promise<void> => {
    files[name] = join(directory, `${name}.txt`);
    await writeFile(files[name] as string, content);
  };
  const text = (port: number): string =>
    (lab.qemu.serial[port]?.lines ?? []).map((line) => `${line.text}\n`).join('');
  await write('console', text(0));
  for (const [name, content] of lab.reports.files) await write(name, content);
  return files;
}

/** `6.1.192` out of a kernel's name or its banner. */
function versionOf(name: string, observations: readonly LabObservation[]): string {
  const named = /(\d+\.\d+\.\d+)/.exec(name)?.[1];
  const banner = observations[0]?.account.console.find((line) => line.includes('Linux version '));
  return named ?? /Linux version (\S+)/.exec(banner ?? '')?.[1] ?? name;
}
