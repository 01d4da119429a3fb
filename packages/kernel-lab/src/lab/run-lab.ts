import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAccount } from '../observe/write-account.ts';
import { Cache } from '../provision/cache/cache.ts';
import { labKernel } from '../provision/kernel/debian-kernel.ts';
import type { LabKernel } from '../provision/kernel/lab-kernel.ts';
import { kernelFromFiles } from '../provision/kernel/own-kernel.ts';
import { StrategyWorker } from '../strategy/strategy-worker.ts';
import { type BootPlan, planBoot } from './boot-plan.ts';
import { secondCommandLine } from './command-lines.ts';
import { CrashRun } from './crash-run.ts';
import { bootFirstKernel, type LabMachine } from './first-kernel.ts';
import type { LabObservation, LabRequest, LabResult } from './lab-request.ts';

/**
 * Crashes a real kernel as often as it is asked to, with the strategy's hooks run at its boot phases.
 *
 * @throws UserError of provision and of the strategy, `LAB_KEXEC`, `LAB_BOOT`; `QemuError`
 */
export async function runLab(request: LabRequest, cache: Cache = new Cache()): Promise<LabResult> {
  const kernel = await kernelOf(request, cache);
  const plan = await planBoot(request.machine, kernel, request.variant, cache);
  const observations: LabObservation[] = [];
  let qemuVersion = '';
  for (let run = 0; run < request.runs; run++) {
    request.signal?.throwIfAborted();
    const onStep = (step: string): void => request.onProgress?.({ run, step });
    const one = await runOnce(request, plan, run, onStep);
    observations.push(one.observation);
    qemuVersion = one.qemuVersion;
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
  onStep: (step: string) => void,
): Promise<{ observation: LabObservation; qemuVersion: string }> {
  const started = performance.now();
  const { strategy, variant, machine } = request;
  const parameters = strategy.plugin.kernelParameters ?? [];
  const commandLine = secondCommandLine(variant, parameters);
  const worker = await StrategyWorker.start({
    module: strategy.module,
    options: strategy.options,
    commandLine: commandLine.split(' '),
    machine,
  });
  let lab: LabMachine | undefined;
  const abort = (): void => lab?.qemu.kill();
  request.signal?.addEventListener('abort', abort);
  try {
    onStep('first kernel');
    lab = await bootFirstKernel(plan);
    const crash = new CrashRun(plan, lab, worker, onStep);
    const stopped = (await crash.crash()) ?? (await crash.boot(commandLine));
    const record = await crash.record(stopped);
    const account = writeAccount(machine, lab, record);
    const version = (await lab.qemu.qmp.execute('query-version').catch(() => undefined)) as
      | { qemu: { major: number; minor: number; micro: number } }
      | undefined;
    const files = request.keep === undefined ? {} : await keep(request.keep, run, lab);
    request.signal?.throwIfAborted();
    return {
      observation: { account, files, seconds: (performance.now() - started) / 1000 },
      qemuVersion: version === undefined ? '' : Object.values(version.qemu).length > 0 ? [version.qemu.major, version.qemu.minor, version.qemu.micro].join('.') : '',
    };
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
  const text = (port: number): string => (lab.qemu.serial[port]?.lines ?? []).map((line) => `${line.text}\n`).join('');
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
