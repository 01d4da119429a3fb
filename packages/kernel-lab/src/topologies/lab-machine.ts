import {
  buildMachine,
  type FunctionPlan,
  type Machine,
  type MachineRegion,
  placeAsFirmware,
  preset,
  type RootComplexPlan,
  type ScopePlan,
} from '@quiesce/machine';

/** What one machine of the lab differs in from the others. */
export interface LabMachinePlan {
  readonly name: string;
  /** Behind "Emulated Q35 with a VT-d unit: ". */
  readonly description: string;
  /** Functions of bus 0. */
  readonly functions: readonly FunctionPlan[];
  /** Functions of a further root complex, whose first bus is 0x80. */
  readonly behindExpander?: readonly FunctionPlan[];
  readonly dumpTarget: string;
  /** The unit can do scalable mode, and the first kernel uses it. */
  readonly scalable?: boolean;
}

const ECAM = 0xb000_0000;
const UNIT = 0xfed9_0000;
/** Extended capabilities of QEMU's unit: interrupt remapping, pass-through; in scalable mode with second-level tables. */
const LEGACY_ECAP = '0000000000f00f4a';
const SCALABLE_ECAP = '0000480080f00f4a';
const EXPANDER_BUS = 0x80;

/** With an NVMe drive, firmware keeps 40 KiB more at the end of memory for its driver. */
const TABLES_WITH_NVME = 0x3ffd_6000;
const TABLES = 0x3ffe_0000;

/** That of the first measurements, without a drive. */
const memoryMap: readonly MachineRegion[] = preset('q35-lab').memoryMap.map((region) => ({
  ...region,
  start: region.start === TABLES_WITH_NVME ? TABLES : region.start,
  end: region.end === TABLES_WITH_NVME ? TABLES : region.end,
}));

/** A machine as QEMU's q35 with firmware makes it: addresses, bus numbers, the DMAR table and memory follow from the plan. */
export function labMachine(plan: LabMachinePlan): Machine {
  const roots = [plan.functions, ...(plan.behindExpander === undefined ? [] : [plan.behindExpander])];
  const rootComplexes = placeAsFirmware(
    roots.map((functions, index) => rootComplex(functions, index * EXPANDER_BUS, roots.length > 1)),
  );
  const scalable = plan.scalable ?? false;
  return buildMachine({
    name: plan.name,
    description: `Emulated Q35 with a VT-d unit: ${plan.description}`,
    rootComplexes,
    units: [
      {
        name: 'dmar0',
        architecture: 'vt-d',
        segment: 0,
        registerBase: UNIT,
        version: 0x10,
        capability: '00d2008c22260206',
        extendedCapability: scalable ? SCALABLE_ECAP : LEGACY_ECAP,
      },
    ],
    dmar: {
      hostAddressWidth: 39,
      flags: 1,
      units: [
        {
          segment: 0,
          base: UNIT,
          includeAll: false,
          scopes: [{ type: 'io-apic', bus: 0xff, path: [[0, 0]] }, ...rootComplexes.flatMap(scopesOf)],
        },
      ],
    },
    memoryMap,
    dumpTarget: plan.dumpTarget,
    workload: { interrupts: false, intensity: 1 },
    scalable,
  });
}

function rootComplex(
  functions: readonly FunctionPlan[],
  firstBus: number,
  several: boolean,
): RootComplexPlan {
  return {
    firstBus,
    lastBus: firstBus === 0 && several ? EXPANDER_BUS - 1 : 0xff,
    ecamBase: ECAM,
    memory: { start: 0xc000_0000, end: 0xfec0_0000 },
    io: { start: 0x1000, end: 0x1_0000 },
    functions,
  };
}

/** QEMU names every function of a root bus by itself. */
function scopesOf({ firstBus, functions }: RootComplexPlan): ScopePlan[] {
  const sorted = [...functions].sort((a, b) => a.device - b.device || (a.fn ?? 0) - (b.fn ?? 0));
  return sorted.map(({ device, fn = 0, bridge }) => {
    return { type: bridge === undefined ? 'endpoint' : 'bridge', bus: firstBus, path: [[device, fn]] };
  });
}
