import { type Machine, presets } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { ContractLaboratory, ContractRequest, ContractRun } from '@quiesce/strategy/contract';
import { crash } from '../crash.ts';
import { ConfigComparison } from './config-comparison.ts';

/** What a contract run crashes, by default: every preset, with the kernels of 2013. */
export interface ContractLaboratoryOptions {
  /** Machines by name; default: the presets. */
  readonly machines?: Readonly<Record<string, () => Machine>>;
  /** Kernel profile; default `linux-3.10`. */
  readonly kernel?: string;
}

/** A laboratory for the contract kit (`@quiesce/strategy/contract`) over real machines and kernels of this package. */
export function contractLaboratory(options: ContractLaboratoryOptions = {}): ContractLaboratory {
  const machines = options.machines ?? presets;
  return {
    machines: Object.keys(machines),
    run: (request) => contractRun(request, machines, options.kernel ?? 'linux-3.10'),
  };
}

function contractRun(
  request: ContractRequest,
  machines: Readonly<Record<string, () => Machine>>,
  kernel: string,
): ContractRun {
  const make = machines[request.machine];
  if (make === undefined) throw new UserError('MACHINE_UNKNOWN', `no machine is named "${request.machine}"`);
  let comparison: ConfigComparison | undefined;
  try {
    const { outcome, host } = crash({
      machine: make(),
      strategy: request.plugin,
      options: request.options,
      kernel,
      seed: request.seed,
      hooks: (world) => {
        comparison = new ConfigComparison(world.hardware.hierarchy);
        return comparison;
      },
    });
    return {
      traceHash: outcome.traceHash,
      failure: outcome.strategyFailure,
      violations: host.violations,
      configDifferences: comparison?.differences ?? [],
      hooks: comparison?.hooks ?? [],
    };
  } catch (error) {
    if (error instanceof UserError && error.code !== 'STRATEGY_CREATE') throw error;
    const message = error instanceof Error ? error.message : String(error);
    return {
      traceHash: '',
      failure: { code: 'THREW', message, phase: null },
      violations: [],
      configDifferences: [],
      hooks: [],
    };
  }
}
