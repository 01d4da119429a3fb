import {
  type Address,
  type InterruptOutcome,
  type InterruptRequest,
  newInterruptOutcome,
} from '@quiesce/simulation';
import { escalate } from '../error/escalation.ts';
import type { FabricObserver } from '../fabric/fabric-observer.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import type { UnitLookup } from '../request/unit-lookup.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';

/** What happens to a write into 0xFEExxxxx once it is at the root complex. */
export class InterruptPath {
  readonly #units: UnitLookup;
  readonly #observer: FabricObserver;
  readonly #platform: PlatformDescription;
  readonly #request: InterruptRequest = { segment: 0, requesterId: 0, address: 0, data: 0 };
  readonly #outcome: InterruptOutcome = newInterruptOutcome();

  constructor(units: UnitLookup, observer: FabricObserver, platform: PlatformDescription) {
    this.#units = units;
    this.#observer = observer;
    this.#platform = platform;
  }

  /** Hands the message to the unit in its path; without one it means what the processor manual says (SDM 3A 11.11). */
  deliver(fn: PcieFunction, requesterId: number, address: Address, data: number): void {
    const segment = fn.description.segment;
    const unit = this.#units.unit(segment, requesterId);
    if (unit === undefined) {
      this.#observer.interruptDelivered(fn, requesterId, data & 0xff, (address >>> 12) & 0xff, -1, 1);
      return;
    }
    const request = this.#request;
    request.segment = segment;
    request.requesterId = requesterId;
    request.address = address;
    request.data = data;
    const outcome = this.#outcome;
    outcome.delivered = false;
    outcome.reason = 0;
    outcome.index = -1;
    unit.remapInterrupt(request, outcome);
    if (outcome.delivered) {
      const { vector, destination, index } = outcome;
      this.#observer.interruptDelivered(fn, requesterId, vector, destination, index, 1);
    } else if (outcome.reason !== 0) {
      // Without a reason nothing was refused: it was posted into memory, and nobody asked to be notified (VT-d 5.2.3).
      this.#observer.interruptBlocked(fn, requesterId, address, data, outcome.reason, outcome.index, 1, unit);
      escalate(
        this.#observer,
        this.#platform.remappingFault,
        'interrupt-remapping-fault',
        fn,
        outcome.reason,
        1,
      );
    }
  }
}
