import type { ImportedCapture } from '@quiesce/machine';
import type { FunctionFinding } from '../functions/function-findings.ts';
import { type KernelDefect, knownDefects } from '../kernels/known-defects.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { AssessedKernel } from './assessment.ts';

/** The kernel of a machine with its known defects; null if none is simulated. */
export function assessedKernel(
  { host, machine }: ImportedCapture,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
): AssessedKernel | null {
  const { nearest, ranges, second } = world;
  if (nearest === undefined || ranges === undefined || machine === undefined || second === undefined)
    return null;
  const defects: KernelDefect[] = knownDefects(ranges, nearest.version, {
    machine,
    host,
    functions,
    scalable: world.scalable,
  });
  return {
    ...(host.kernelRelease === undefined ? {} : { release: host.kernelRelease.value }),
    profile: second.name,
    match: nearest.match,
    reasons: nearest.reasons,
    effects: world.effects,
    defects,
  };
}
