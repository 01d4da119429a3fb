import type { HostFacts, Machine } from '@quiesce/machine';
import type { FunctionFinding } from '../functions/function-findings.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Candidate } from './candidate.ts';
import { driverCandidates } from './driver-candidates.ts';
import { dumpTargetCandidates } from './dump-target-candidates.ts';
import { parameterCandidates, removalCandidates } from './parameter-candidates.ts';

/** Everything that is tried on a machine, kernels and strategies left out. */
export function candidatesOf(
  host: HostFacts,
  machine: Machine,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
): Candidate[] {
  const ats = functions.some(({ statements }) =>
    statements.some(({ topic, severity }) => topic === 'ats' && severity === 'warning'),
  );
  return [
    ...parameterCandidates(
      { 'vt-d': world.ranges === 'intel-vt-d', scalable: world.scalable, ats, always: true },
      world.crashParameters,
    ),
    ...removalCandidates(world),
    ...driverCandidates(machine, host, functions),
    ...dumpTargetCandidates(machine, host, functions),
  ];
}
