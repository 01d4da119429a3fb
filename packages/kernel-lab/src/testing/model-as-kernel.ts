import { preset } from '@quiesce/machine';
import type { StrategyPlugin } from '@quiesce/strategy';
import type { RunAccount } from '../account/account.ts';
import type { LabRequest, LabResult } from '../lab/lab-request.ts';
import { defaultVariant, type LabVariant } from '../lab/lab-variant.ts';
import { predict } from '../prediction/predict.ts';

/** A plugin that does nothing. */
export const idle: StrategyPlugin = {
  name: 'idle',
  description: 'Does nothing.',
  sources: [],
  create: () => ({ name: 'idle', description: 'Does nothing.', sources: [] }),
};

/** What is asked of the lab, with the default machine and an idle strategy. */
export function requestOf(variant: Partial<LabVariant> = {}, changes: Partial<LabRequest> = {}): LabRequest {
  return {
    machine: preset('q35-lab'),
    strategy: { module: 'idle', plugin: idle },
    kernel: 'debian-6.1.192',
    variant: { ...defaultVariant, ...variant },
    runs: 1,
    ...changes,
  };
}

/** A lab without QEMU: the model, with seeds of its own, says what a kernel would; `change` makes it do something else. */
export function modelAsKernel(
  request: LabRequest,
  change: (account: RunAccount, run: number) => RunAccount = (account) => account,
): LabResult {
  const { machine, strategy, variant, runs, kernel } = request;
  const version = typeof kernel === 'string' ? kernel.replace(/^debian-/, '') : '6.12.117';
  const predictions = predict({
    machine,
    plugin: strategy.plugin,
    options: strategy.options,
    kernel: version,
    variant,
    seeds: Array.from({ length: runs }, (_, run) => 1 + run),
  });
  return {
    kernelRelease: `${version}-lab`,
    kernelVersion: version,
    qemuVersion: '0.0.0',
    observations: predictions.map(({ account }, run) => ({
      account: change({ ...account, source: 'kernel' }, run),
      files: request.keep === undefined ? {} : { console: `${request.keep}/run-${run + 1}/console.log` },
      seconds: 1.5,
    })),
  };
}

/** The account with another count of faults of one device in one phase. */
export function withFaults(
  account: RunAccount,
  device: string,
  phase: keyof RunAccount['devices'][number]['phases'],
  faults: number,
  reasons: readonly number[],
): RunAccount {
  const devices = account.devices.map((one) =>
    one.name === device
      ? { ...one, phases: { ...one.phases, [phase]: { ...one.phases[phase], faults, reasons } } }
      : one,
  );
  return { ...account, devices };
}
