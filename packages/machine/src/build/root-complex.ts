import type { RootComplexDescription } from '@quiesce/pcie-model';
import { UserError } from '@quiesce/simulation';
import { functionName } from '../description/function-name.ts';
import type { MachineFunction } from '../description/machine.ts';
import { AddressAllocator } from './address-allocator.ts';
import { bytesToHex } from './config-bytes.ts';
import { configSpaceOf, type Placement } from './config-space-of.ts';
import { endpointOf } from './endpoint-kinds.ts';
import type { BridgePlan, FunctionPlan, WindowPlan } from './function-plan.ts';

/** A root complex and all that stands below it. */
export interface RootComplexPlan {
  readonly segment?: number;
  readonly firstBus: number;
  readonly lastBus: number;
  /** Base of the segment's ECAM window for bus 0 of the segment. */
  readonly ecamBase?: number;
  /** Where BARs without an address of their own are placed; `end` is exclusive. */
  readonly memory: { readonly start: number; readonly end: number };
  readonly io: { readonly start: number; readonly end: number };
  readonly functions: readonly FunctionPlan[];
}

/** A root complex whose functions have their config spaces. */
export interface BuiltRootComplex {
  readonly description: RootComplexDescription;
  readonly functions: readonly MachineFunction[];
}

const MEMORY_GRAIN = 0x10_0000;
const IO_GRAIN = 0x1000;

/**
 * Gives bus numbers depth first, places BARs and opens bridge windows as firmware does, and makes every
 * function's config space.
 * @throws UserError `BUILD_BUSES`, `BUILD_SPACE` if bus numbers or windows do not suffice
 */
export function buildRootComplex(plan: RootComplexPlan): BuiltRootComplex {
  const builder = new Builder(plan);
  builder.place(plan.functions, plan.firstBus);
  const { segment = 0, firstBus, lastBus, ecamBase } = plan;
  const description = { segment, firstBus, lastBus, ...(ecamBase === undefined ? {} : { ecamBase }) };
  return { description, functions: builder.functions };
}

class Builder {
  readonly functions: MachineFunction[] = [];
  readonly #plan: RootComplexPlan;
  readonly #memory: AddressAllocator;
  readonly #io: AddressAllocator;
  #lastBus: number;

  constructor(plan: RootComplexPlan) {
    this.#plan = plan;
    this.#memory = new AddressAllocator('memory', plan.memory.start, plan.memory.end);
    this.#io = new AddressAllocator('I/O', plan.io.start, plan.io.end);
    this.#lastBus = plan.firstBus;
  }

  place(functions: readonly FunctionPlan[], bus: number): void {
    for (const one of functions) {
      const barAddresses = this.#placeBars(one);
      const at = this.functions.length;
      const place = { segment: this.#plan.segment ?? 0, bus, device: one.device, fn: one.fn ?? 0 };
      const below = one.bridge === undefined ? nothingBelow : this.#placeBelow(one.bridge);
      const config = configSpaceOf(one, { ...below, barAddresses, primary: bus });
      // A bridge stands before what is below it, although its windows are only known afterwards.
      this.functions.splice(at, 0, {
        name: functionName(place),
        config: bytesToHex(config),
        barSizes: Array.from({ length: 6 }, (_, i) => one.bars?.[i]?.size ?? 0),
        endpoint: one.endpoint ?? endpointOf('idle'),
        ...(one.physicalFunction === undefined ? {} : { physicalFunction: one.physicalFunction }),
        driver: one.driver ?? { first: one.endpoint !== undefined, second: one.endpoint !== undefined },
        ...(one.label === undefined ? {} : { label: one.label }),
      });
    }
  }

  #placeBars(plan: FunctionPlan): number[] {
    return Array.from(plan.bars ?? [], (bar) => {
      if (bar === undefined) return 0;
      return bar.address ?? (bar.kind === 'io' ? this.#io : this.#memory).take(bar.size);
    });
  }

  #placeBelow(bridge: BridgePlan): Omit<Placement, 'barAddresses' | 'primary'> {
    const secondary = this.#takeBus(bridge.secondary);
    const memoryStart = this.#memory.align(MEMORY_GRAIN);
    const ioStart = this.#io.align(IO_GRAIN);
    this.place(bridge.below, secondary);
    for (let i = 0; i < (bridge.spareBuses ?? 0); i++) this.#takeBus(undefined);
    if (bridge.subordinate !== undefined) this.#lastBus = Math.max(this.#lastBus, bridge.subordinate);
    return {
      secondary,
      subordinate: bridge.subordinate ?? this.#lastBus,
      memory: windowOf(bridge.memory, memoryStart, this.#memory.align(MEMORY_GRAIN)),
      io: windowOf(bridge.io, ioStart, this.#io.align(IO_GRAIN)),
      prefetchable: bridge.prefetchable ?? null,
    };
  }

  #takeBus(wanted: number | undefined): number {
    const bus = wanted ?? this.#lastBus + 1;
    if (bus <= this.#lastBus || bus > this.#plan.lastBus) {
      throw new UserError('BUILD_BUSES', `bus ${bus} is taken or beyond the root complex's last bus`, {
        expected: `${this.#lastBus + 1} .. ${this.#plan.lastBus}`,
      });
    }
    this.#lastBus = bus;
    return bus;
  }
}

const nothingBelow: Omit<Placement, 'barAddresses' | 'primary'> = {
  secondary: 0,
  subordinate: 0,
  memory: null,
  io: null,
  prefetchable: null,
};

function windowOf(given: WindowPlan | null | undefined, start: number, end: number): WindowPlan | null {
  if (given !== undefined) return given;
  return end === start ? null : { base: start, limit: end - 1 };
}
