import { type MemoryRegion, PhysicalMemory } from '@quiesce/simulation';
import type { PlatformDescription } from '../../platform/platform-description.ts';
import type { FunctionDescription } from '../../topology/function-description.ts';
import type { PcieFunction } from '../../topology/pcie-function.ts';
import { PcieHierarchy } from '../../topology/pcie-hierarchy.ts';
import { type FabricMode, PcieFabric } from '../pcie-fabric.ts';
import { CountingObserver } from './counting-observer.ts';
import { PagedUnit } from './paged-unit.ts';

export const MiB = 0x10_0000;

const regions: readonly MemoryRegion[] = [
  { start: 0, end: 64 * MiB, owner: 'first-kernel' },
  { start: 64 * MiB, end: 96 * MiB, owner: 'crash-kernel' },
  { start: 0xc000_0000, end: 0xfee0_0000, owner: 'mmio' },
];

export interface TestMachine {
  readonly hierarchy: PcieHierarchy;
  readonly fabric: PcieFabric;
  readonly memory: PhysicalMemory;
  readonly observer: CountingObserver;
  readonly unit: PagedUnit;
  /** Set by the test. */
  readonly clock: { now: number };
  /** By bus:device.fn. */
  fn(place: string): PcieFunction;
}

/** A machine of these functions over 96 MiB, with an ECAM window at e0000000. */
export function testMachine(
  functions: readonly FunctionDescription[],
  options: { platform?: Partial<PlatformDescription>; withUnit?: boolean; mode?: FabricMode } = {},
): TestMachine {
  const clock = { now: 0 };
  const hierarchy = new PcieHierarchy({
    functions,
    rootComplexes: [{ segment: 0, firstBus: 0, lastBus: 0xff, ecamBase: 0xe000_0000 }],
    now: () => clock.now,
  });
  const memory = new PhysicalMemory(regions);
  const observer = new CountingObserver();
  const unit = new PagedUnit();
  const fabric = new PcieFabric({
    hierarchy,
    memory,
    observer,
    clock,
    unitFor: () => (options.withUnit === true ? unit : undefined),
    units: options.withUnit === true ? [unit] : [],
    platform: {
      systemError: 'serr-nmi',
      remappingFault: 'none',
      masterAbortIsSystemError: false,
      ...options.platform,
    },
    ...(options.mode === undefined ? {} : { mode: options.mode }),
  });
  return {
    hierarchy,
    fabric,
    memory,
    observer,
    unit,
    clock,
    fn: (place) => {
      const found = hierarchy.byName(`0000:${place}`);
      if (found === undefined) throw new Error(`no function ${place}`);
      return found;
    },
  };
}
