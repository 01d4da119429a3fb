import type { Address, Nanoseconds } from '@quiesce/simulation';
import type { RootBus } from '../topology/bus.ts';
import { isOperational } from '../topology/operation.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { barAddress, ioBarAt, LEGACY_VGA, memoryBarAt } from './bar-decode.ts';
import { forwardsIo, forwardsMemory } from './bridge-window.ts';

/** Where a request of the CPU ends. */
export interface RoutedRequest {
  readonly fn: PcieFunction;
  /** Index of the BAR; 6 stands for the legacy VGA ranges. */
  readonly bar: number;
  /** Bytes from the BAR's start; of a legacy VGA range, the address itself. */
  readonly offset: number;
}

/** Linux numbers the domains behind Volume Management Devices from here. */
const FIRST_MANAGED_DOMAIN = 0x1_0000;

type Answer = { fn: PcieFunction; bar: number; offset: number };

/** Memory and I/O requests of the CPU, down through the windows of the bridges to a BAR. */
export class RequestRouting {
  readonly #roots: readonly RootBus[];
  readonly #now: () => Nanoseconds;
  #answer: Answer | undefined;

  constructor(roots: readonly RootBus[], now: () => Nanoseconds) {
    // A Volume Management Device is a function whose BARs are the windows of a domain of its own (10000 and above).
    const managed = roots.filter((root) => root.segment >= FIRST_MANAGED_DOMAIN);
    this.#roots = [...managed, ...roots.filter((root) => root.segment < FIRST_MANAGED_DOMAIN)];
    this.#now = now;
  }

  /** The answer is overwritten by the next call. */
  memory(address: Address): RoutedRequest | undefined {
    for (const root of this.#roots) {
      const found = this.#search(root.bus.functions, address, false);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The answer is overwritten by the next call. */
  io(port: number): RoutedRequest | undefined {
    for (const root of this.#roots) {
      const found = this.#search(root.bus.functions, port, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #search(functions: readonly PcieFunction[], address: Address, io: boolean): RoutedRequest | undefined {
    for (const fn of functions) {
      const bar = io ? ioBarAt(fn, address) : memoryBarAt(fn, address);
      if (bar >= 0) {
        if (!isOperational(fn, this.#now())) continue;
        return this.#found(fn, bar, address - (bar === LEGACY_VGA ? 0 : barAddress(fn, bar)));
      } else if (fn.isBridge && (io ? forwardsIo(fn, address) : forwardsMemory(fn, address))) {
        const below = this.#search(fn.children, address, io);
        if (below !== undefined) return below;
      }
    }
    return undefined;
  }

  #found(fn: PcieFunction, bar: number, offset: number): RoutedRequest {
    const answer = this.#answer;
    if (answer === undefined) {
      this.#answer = { fn, bar, offset };
      return this.#answer;
    }
    answer.fn = fn;
    answer.bar = bar;
    answer.offset = offset;
    return answer;
  }
}
