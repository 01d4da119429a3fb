import { type DmaRequest, NO_PASID, type TranslationOutcome } from '@quiesce/simulation';
import { TLB_READ, TLB_WRITE } from './io-tlb.ts';
import type { LossEpoch } from './loss-epoch.ts';

const SLOTS = 2048;
const FIELDS = 4;
const KEY = 1;
const FRAME = 2;
const ENTRY = 3;
const READ_AND_WRITE = TLB_READ | TLB_WRITE;

/**
 * Repeats the answer that context cache and IO-TLB together gave to a requester for a page, in one lookup.
 * It holds nothing that they do not hold: as soon as one of them loses an entry, all of this is forgotten. So it is no
 * state of the unit, and no snapshot has it.
 */
export class RecentTranslations {
  /** A slot holds page address, epoch + requester ID, frame with permissions, entry address. */
  readonly #slots: Float64Array = new Float64Array(SLOTS * FIELDS).fill(-1);
  readonly #epoch: LossEpoch;

  constructor(epoch: LossEpoch) {
    this.#epoch = epoch;
  }

  /** Translation was switched on, off or over. */
  forget(): void {
    this.#epoch.advance();
  }

  /** Answers `request` if that is known; permissions that do not suffice are left to the full path. */
  answer(request: DmaRequest, outcome: TranslationOutcome): boolean {
    const address = request.address;
    const offset = address & 0xfff;
    const requesterId = request.requesterId;
    const slots = this.#slots;
    const at = slotOf(address, requesterId);
    if (slots[at] !== address - offset || slots[at + KEY] !== this.#epoch.base + requesterId) return false;
    if (request.pasid !== NO_PASID || request.addressType !== 0) return false;
    const frame = slots[at + FRAME] as number;
    const permissions = frame & 0xfff;
    // Most pages allow both: reads and writes in random order are then no branch that is mispredicted.
    if (
      (permissions & READ_AND_WRITE) !== READ_AND_WRITE &&
      (permissions & (request.write ? TLB_WRITE : TLB_READ)) === 0
    ) {
      return false;
    }
    outcome.allowed = true;
    outcome.address = frame - permissions + offset;
    outcome.validFor = 4096 - offset;
    outcome.reason = 0;
    outcome.entryAddress = slots[at + ENTRY] as number;
    outcome.untranslated = false;
    outcome.steady = true;
    return true;
  }

  /** Takes note of an answer of the full path: `address` of `requesterId` goes to a page of 4 KiB at `frame`. */
  remember(
    address: number,
    requesterId: number,
    frame: number,
    permissions: number,
    entryAddress: number,
  ): void {
    const at = slotOf(address, requesterId);
    this.#slots[at] = address - (address & 0xfff);
    this.#slots[at + KEY] = this.#epoch.base + requesterId;
    this.#slots[at + FRAME] = frame + permissions;
    this.#slots[at + ENTRY] = entryAddress;
  }
}

/** Neighbouring pages of one requester, and requesters of neighbouring functions or buses, fall apart. */
function slotOf(address: number, requesterId: number): number {
  return (((address >>> 12) ^ ((requesterId ^ (requesterId >>> 7)) << 6)) & (SLOTS - 1)) * FIELDS;
}
