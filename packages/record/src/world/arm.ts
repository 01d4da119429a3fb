import type { CrashRequest } from '@quiesce/boot-sequencer';
import type { CaseChange, RecordCase } from '../case/record-case.ts';
import { kernelsOf } from './change-kernel.ts';
import { machineOf } from './change-machine.ts';

/** The case as it was, or without its cause. */
export type ArmName = 'case' | 'counterfactual';

/** All that a crash of one arm needs but the seed and the plugin itself. */
export interface Arm {
  readonly strategy: string;
  readonly request: Omit<CrashRequest, 'strategy' | 'seed'>;
}

/**
 * What crashes in one arm of a case: machine, kernels and options with all changes made.
 * @throws UserError for a machine, kernel or change that cannot be
 */
export function armOf(one: RecordCase, name: ArmName): Arm {
  const change: CaseChange = name === 'case' ? {} : (one.counterfactual?.change ?? {});
  const { first, second } = kernelsOf(one.firstKernel, one.secondKernel, change);
  const commandLine = change.commandLine ?? one.commandLine;
  return {
    strategy: change.strategy?.name ?? one.strategy.name,
    request: {
      machine: machineOf(one.machine, change.machine),
      // Another strategy has options of its own.
      options: {
        ...(change.strategy?.name === undefined ? one.strategy.options : {}),
        ...change.strategy?.options,
      },
      // A profile that is not to be the second of a pair stands for both; the first is always said.
      kernel: { ...second, second: true },
      firstKernel: first,
      ...(commandLine === undefined ? {} : { commandLine }),
      traceCapacity: 16,
    },
  };
}
