import {
  type Address,
  type AddressType,
  type DmaRequest,
  newDmaRequest,
  newTranslationOutcome,
  PAGE_SIZE,
  type RemappingUnit,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { BusMaster } from './bus-master.ts';
import type { DeviceTlb } from './device-tlb.ts';

/** How a request comes to its physical address. One request and one outcome are reused for all. */
export class RequestTranslation {
  /** The last answer. */
  readonly outcome: TranslationOutcome = newTranslationOutcome();
  /** The unit refused a translation request, which has a completion even where the request itself would have none. */
  requestRefused = false;
  readonly #request: DmaRequest = newDmaRequest();

  /** What becomes of a request that has arrived at the root complex under `requesterId`. */
  answer(
    master: BusMaster,
    unit: RemappingUnit | undefined,
    requesterId: number,
    address: Address,
    length: number,
    write: boolean,
  ): TranslationOutcome {
    const { segment } = master.fn.description;
    this.requestRefused = false;
    if (unit === undefined) return this.#untranslated(address);
    if (master.tlb?.enabled === true) {
      return this.#translateByDevice(master.tlb, unit, segment, requesterId, address, length, write);
    }
    return this.#translate(unit, segment, requesterId, address, length, write, 0);
  }

  #untranslated(address: Address): TranslationOutcome {
    const outcome = this.outcome;
    outcome.allowed = true;
    outcome.address = address;
    outcome.validFor = PAGE_SIZE;
    outcome.reason = 0;
    outcome.entryAddress = 0;
    outcome.untranslated = true;
    outcome.steady = true;
    return outcome;
  }

  #translate(
    unit: RemappingUnit,
    segment: number,
    requesterId: number,
    address: Address,
    length: number,
    write: boolean,
    addressType: AddressType,
  ): TranslationOutcome {
    const outcome = this.outcome;
    outcome.allowed = true;
    outcome.address = address;
    outcome.validFor = 0;
    outcome.reason = 0;
    outcome.entryAddress = 0;
    outcome.untranslated = false;
    outcome.steady = false;
    const request = this.#request;
    request.segment = segment;
    request.requesterId = requesterId;
    request.address = address;
    request.length = length;
    request.write = write;
    request.addressType = addressType;
    unit.translate(request, outcome);
    return outcome;
  }

  /**
   * A function with ATS asks for a translation once, keeps it, and sends the translated address (PCIe 10.1.1). What
   * the unit makes of that is the unit's business; it does not look at its page tables again.
   */
  #translateByDevice(
    tlb: DeviceTlb,
    unit: RemappingUnit,
    segment: number,
    requesterId: number,
    address: Address,
    length: number,
    write: boolean,
  ): TranslationOutcome {
    let translated = tlb.find(address, write);
    const known = translated >= 0;
    if (!known) {
      const answer = this.#translate(unit, segment, requesterId, address, length, write, 1);
      if (!answer.allowed || answer.untranslated) {
        this.requestRefused = !answer.allowed;
        return answer;
      }
      tlb.add(address, answer.address, write);
      translated = answer.address;
    }
    const outcome = this.#translate(unit, segment, requesterId, translated, length, write, 2);
    outcome.untranslated = false;
    if (!known) outcome.steady = false;
    return outcome;
  }
}
