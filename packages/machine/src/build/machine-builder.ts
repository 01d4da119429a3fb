import type { PlatformDescription } from '@quiesce/pcie-model';
import { parseFunctionName, requesterIdOf } from '../description/function-name.ts';
import type { Machine, MachineRegion, MachineUnit, Workload } from '../description/machine.ts';
import { buildDmarTable, type DmarPlan } from './dmar-table.ts';
import { buildRootComplex, type RootComplexPlan } from './root-complex.ts';

/** A machine to be composed of root complexes, units and memory. */
export interface MachinePlan {
  readonly name: string;
  readonly description: string;
  readonly rootComplexes: readonly RootComplexPlan[];
  readonly units?: readonly MachineUnit[];
  readonly dmar?: DmarPlan;
  readonly memoryMap: readonly MachineRegion[];
  /** Default: nothing is escalated. */
  readonly platform?: PlatformDescription;
  readonly dumpTarget?: string;
  /** Default: interrupts stay on, intensity 1. */
  readonly workload?: Workload;
  /** Default 1. */
  readonly processors?: number;
  readonly scalable?: boolean;
}

/**
 * Composes a machine. Bus numbers, BARs, bridge windows and config spaces follow from the plan.
 * @throws UserError `BUILD_BUSES`, `BUILD_SPACE`
 */
export function buildMachine(plan: MachinePlan): Machine {
  const built = plan.rootComplexes.map(buildRootComplex);
  const functions = built.flatMap((one) => one.functions);
  functions.sort((a, b) => position(a.name) - position(b.name));
  return {
    schema: 'quiesce/machine/1',
    name: plan.name,
    description: plan.description,
    functions,
    rootComplexes: built.map((one) => one.description),
    units: plan.units ?? [],
    ...(plan.dmar === undefined ? {} : { dmar: buildDmarTable(plan.dmar) }),
    memoryMap: plan.memoryMap,
    platform: plan.platform ?? {
      systemError: 'none',
      remappingFault: 'none',
      masterAbortIsSystemError: false,
    },
    ...(plan.dumpTarget === undefined ? {} : { dumpTarget: plan.dumpTarget }),
    workload: plan.workload ?? { interrupts: true, intensity: 1 },
    ...(plan.processors === undefined ? {} : { processors: plan.processors }),
    scalable: plan.scalable ?? false,
    inferred: [],
    notes: [],
  };
}

function position(name: string): number {
  const place = parseFunctionName(name);
  return place === undefined ? 0 : place.segment * 0x1_0000 + requesterIdOf(place);
}
