import { type CrashResult, crash, type KernelProfile } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { segmentedName } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { StrategyPlugin } from '@quiesce/strategy';
import type { DeviceAccount, RunAccount } from '../account/account.ts';
import { type MachineRequester, machineRequesters } from '../account/machine-requesters.ts';
import type { LabVariant } from '../lab/lab-variant.ts';
import { asTheLabRunsIt } from '../strategy/lab-semantics.ts';
import { labLimits } from '../strategy/worker-limits.ts';
import { ModelWitness } from './model-witness.ts';
import { kernelsOfVariant, profileOfVersion } from './second-kernel.ts';

/** Owners of the memory in which the lab looks for its pattern. */
const dumped: ReadonlySet<string> = new Set(['first-kernel', 'dump-relevant', 'low-640k']);

/** What the model is to say of a run of the lab. */
export interface PredictionRequest {
  readonly machine: Machine;
  // biome-ignore lint/suspicious/noExplicitAny: options of any plugin
  readonly plugin: StrategyPlugin<any>;
  /** As a user writes them. */
  readonly options?: unknown;
  /** Version of the kernel (`6.1.192`), or a profile of its behaviour. */
  readonly kernel: string | KernelProfile;
  readonly variant: LabVariant;
  /** Integers; an account each. What chance decides differs between them. */
  readonly seeds: readonly number[];
}

/** A prediction, and by which mechanism it came. */
export interface Prediction {
  readonly account: RunAccount;
  /**
   * By requester (`01:00.0`) and reason, the chain of the first such fault: device, table entry, what was refused.
   */
  readonly via: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Bytes that leftover DMA wrote where it must not, with the chain of the first hit. */
  readonly corruption: readonly { readonly owner: string; readonly bytes: number; readonly via: string }[];
}

/**
 * Crashes the same machine in the model, once a seed, and writes what the lab would write of it.
 * @throws UserError `LAB_MACHINE` for a machine without VT-d unit, `KERNEL_UNKNOWN`, and those of `crash`
 */
export function predict(request: PredictionRequest): Prediction[] {
  const { machine, variant } = request;
  if (machine.units.some(({ architecture }) => architecture !== 'vt-d')) {
    throw new UserError('LAB_MACHINE', `${machine.name} has remapping units that QEMU's q35 does not have`, {
      expected: 'a machine with VT-d units',
    });
  }
  const profile = typeof request.kernel === 'string' ? profileOfVersion(request.kernel) : request.kernel;
  const kernels = kernelsOfVariant(profile, variant);
  const crashed: Machine = {
    ...machine,
    workload: { ...machine.workload, interrupts: variant.interrupts === 'on' },
  };
  const requesters = machineRequesters(machine);
  return request.seeds.map((seed) => {
    let witness: ModelWitness | undefined;
    const result = crash({
      machine: crashed,
      // A real kernel offers a strategy less than the model does.
      strategy: asTheLabRunsIt(request.plugin),
      options: request.options,
      kernel: kernels.second,
      firstKernel: kernels.first,
      seed,
      limits: labLimits,
      traceCapacity: 16,
      milestones: (world) => {
        witness = new ModelWitness(world, requesters);
        return (milestone) => witness?.see(milestone);
      },
    });
    return predictionOf(result, witness as unknown as ModelWitness, requesters, variant);
  });
}

function predictionOf(
  { outcome, log }: CrashResult,
  witness: ModelWitness,
  requesters: readonly MachineRequester[],
  variant: LabVariant,
): Prediction {
  const stopped = outcome.stoppedAt?.cause ?? null;
  // A kernel that does not take itself for a kdump kernel has no /proc/vmcore, whatever it could save.
  const exists = witness.reached === 'dump' && stopped === null && variant.tables !== 'no-copy';
  return {
    account: {
      source: 'model',
      devices: devicesOf(outcome, witness, requesters),
      units: witness.unitPhases(),
      dump: {
        exists,
        ...(exists ? { intact: !outcome.corruption.some(({ owner }) => dumped.has(owner)) } : {}),
        ...(exists && variant.readsDumpTwice ? { changedPages: outcome.dumpChanges.pages } : {}),
      },
      stopped,
      ...(stopped === null ? {} : { inService: outcome.interrupts.staleInService }),
      reached: witness.reached,
      strategyFailure:
        outcome.strategyFailure === null
          ? null
          : { code: outcome.strategyFailure.code, message: outcome.strategyFailure.message },
      console: log,
    },
    via: Object.fromEntries(
      Object.entries(outcome.dmaFaults.byRequester).map(([requester, { via }]) => [
        requester,
        Object.fromEntries(
          Object.entries(via).map(([reason, chain]) => [Number.parseInt(reason, 16), chain]),
        ),
      ]),
    ),
    corruption: outcome.corruption.map(({ owner, bytes, via }) => ({ owner, bytes, via })),
  };
}

/** Endpoints, and whatever else the units saw requests of. */
function devicesOf(
  outcome: CrashResult['outcome'],
  witness: ModelWitness,
  requesters: readonly MachineRequester[],
): DeviceAccount[] {
  const devices: DeviceAccount[] = [];
  const told = new Set<string>();
  for (const { name, requesterName: seenAs, isBridge, segment, bus, device, fn } of requesters) {
    if (isBridge) continue;
    const own = segmentedName(segment, (bus << 8) | (device << 3) | fn);
    told.add(own);
    devices.push({
      name,
      // What it sends under another's name is told of that one.
      phases: witness.phasesOf(seenAs === own ? own : '', name),
      verdict: outcome.devices[own] ?? 'no-driver',
    });
  }
  for (const requester of Object.keys(outcome.dmaFaults.byRequester)) {
    if (told.has(requester)) continue;
    const name = requester.length > 7 ? requester : `0000:${requester}`;
    devices.push({ name, phases: witness.phasesOf(requester, undefined), verdict: 'no-driver' });
  }
  return devices;
}
