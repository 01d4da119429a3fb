import type {
  Address,
  Nanoseconds,
  PhysicalMemory,
  RemappingUnit,
  RunningHash,
  Snapshottable,
} from '@quiesce/simulation';
import type { EndpointEngine } from '../endpoint/endpoint-engine.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';
import type { FabricObserver } from './fabric-observer.ts';

/**
 * How time is passed over. `steady-steps`: an engine whose transactions change nothing but counters and memory may
 * make many in one step. `event-by-event`: every transaction by itself, in order of time over all engines.
 */
export type FabricMode = 'steady-steps' | 'event-by-event';

export interface FabricOptions {
  readonly hierarchy: PcieHierarchy;
  readonly memory: PhysicalMemory;
  /** The unit that stands in the path of a requester; undefined if none does. Asked once per requester. */
  readonly unitFor: (segment: number, requesterId: number) => RemappingUnit | undefined;
  /** Units whose registers the CPU can reach. */
  readonly units?: readonly RemappingUnit[];
  readonly platform: PlatformDescription;
  readonly observer: FabricObserver;
  /** Where the virtual time stands between two calls of {@link PcieFabric.advance}; an `EventCalendar` is one. */
  readonly clock: { readonly now: Nanoseconds };
  /** Default `steady-steps`. */
  readonly mode?: FabricMode;
}

export interface FabricState {
  readonly engines: readonly unknown[];
}

/** Everything between the devices and memory: requests, completions, interrupts and errors. */
export class PcieFabric implements Snapshottable<FabricState> {
  constructor(options: FabricOptions) {
    void options;
  }

  /** Virtual time: of the transaction under way during {@link advance}, else of the clock. */
  get now(): Nanoseconds {
    throw new Error('not yet');
  }

  /** When the next transaction is due; Infinity if no engine has anything to do. */
  get nextTime(): Nanoseconds {
    throw new Error('not yet');
  }

  /** Gives `fn` its engine. */
  attachEngine(_fn: PcieFunction, _engine: EndpointEngine): void {
    throw new Error('not yet');
  }

  /** Lets the engines run up to and including `until`. */
  advance(_until: Nanoseconds): void {
    throw new Error('not yet');
  }

  /** The CPU reads 1, 2 or 4 bytes of memory-mapped I/O. All ones where nothing answers. */
  mmioRead(_address: Address, _size: 1 | 2 | 4): number {
    throw new Error('not yet');
  }

  mmioWrite(_address: Address, _size: 1 | 2 | 4, _value: number): void {
    throw new Error('not yet');
  }

  ioRead(_port: number, _size: 1 | 2 | 4): number {
    throw new Error('not yet');
  }

  ioWrite(_port: number, _size: 1 | 2 | 4, _value: number): void {
    throw new Error('not yet');
  }

  snapshot(): FabricState {
    throw new Error('not yet');
  }

  restore(_state: FabricState): void {
    throw new Error('not yet');
  }

  hashInto(_hash: RunningHash): void {
    throw new Error('not yet');
  }
}
