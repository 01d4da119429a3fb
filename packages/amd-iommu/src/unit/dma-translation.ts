import { type Address, type DmaRequest, NO_PASID, type TranslationOutcome } from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import { AmdEvent, EventFlag } from '../events/event-entry.ts';
import type { EventLog } from '../events/event-log.ts';
import {
  ENTRY_READ,
  ENTRY_WRITE,
  entryDomainId,
  entryLevels,
  entryTranslationValid,
  entryValid,
  RESERVED_WORD0,
} from '../tables/device-table-entry.ts';
import { pageEntryAddress } from '../tables/page-entry.ts';
import { BEYOND_TABLE, type DeviceEntryFetch, UNREADABLE } from './device-entry-fetch.ts';
import { PageWalk, WalkEnd } from './page-walk.ts';
import type { TableAccess } from './table-access.ts';

/** I and SA in word 3 of a device table entry. */
const DEVICE_TLB = 1;
const SUPPRESS_FAULTS = 4;

/** What becomes of memory requests (48882, 2.2.2 and 2.2.3). */
export class DmaTranslation {
  /** IommuEn */
  enabled = false;
  readonly #caches: UnitCaches;
  readonly #events: EventLog;
  readonly #entries: DeviceEntryFetch;
  readonly #walk: PageWalk;

  constructor(access: TableAccess, caches: UnitCaches, events: EventLog, entries: DeviceEntryFetch) {
    this.#caches = caches;
    this.#events = events;
    this.#entries = entries;
    this.#walk = new PageWalk(access);
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    const { address, requesterId } = request;
    if (!this.enabled) {
      pass(address, outcome, 0);
      return;
    }
    const at = this.#entries.fetch(requesterId);
    if (at < 0) {
      this.#refuseWithoutEntry(request, outcome, at);
      return;
    }
    const words = this.#caches.deviceTable.words;
    const word0 = words[at] as number;
    const word1 = words[at + 1] as number;
    const word3 = words[at + 3] as number;
    const filled = this.#entries.filled;
    // V = 0: the device is none of the unit's business (48882, table 7).
    if (!entryValid(word0)) {
      pass(address, outcome, this.#entries.addressOf(requesterId));
      outcome.steady = !filled;
      return;
    }
    const domainId = entryDomainId(words[at + 2] as number);
    const levels = entryLevels(word0);
    const suppressed = (word3 & SUPPRESS_FAULTS) !== 0;
    if ((word0 & RESERVED_WORD0) !== 0 || levels === 7) {
      this.#refuse(request, outcome, AmdEvent.illegalDeviceTableEntry, 0, domainId, suppressed, filled);
      outcome.entryAddress = this.#entries.addressOf(requesterId);
      return;
    }
    if (request.addressType !== 0 || request.pasid !== NO_PASID) {
      // Translated and translation requests are for devices with I; requests with PASID need guest translation.
      if ((word3 & DEVICE_TLB) === 0 || request.pasid !== NO_PASID) {
        this.#refuse(request, outcome, AmdEvent.invalidDeviceRequest, 0, domainId, false, filled);
        return;
      }
      if (request.addressType === 2) {
        pass(address, outcome, 0);
        outcome.untranslated = false;
        outcome.steady = !filled;
        return;
      }
    }
    const wanted = request.write ? ENTRY_WRITE : ENTRY_READ;
    const direction = request.write ? EventFlag.write : 0;
    if (!entryTranslationValid(word0)) {
      this.#refuse(request, outcome, AmdEvent.ioPageFault, direction, domainId, suppressed, filled);
      outcome.entryAddress = this.#entries.addressOf(requesterId);
      return;
    }
    if ((word1 & wanted) === 0) {
      const flags = direction | EventFlag.permission;
      this.#refuse(request, outcome, AmdEvent.ioPageFault, flags, domainId, suppressed, filled);
      outcome.entryAddress = this.#entries.addressOf(requesterId);
      return;
    }
    if (levels === 0) {
      pass(address, outcome, this.#entries.addressOf(requesterId));
      outcome.steady = !filled;
      return;
    }
    const root = pageEntryAddress(word0, word1);
    this.#throughPages(request, outcome, root, levels, domainId, suppressed, filled);
  }

  #throughPages(
    request: DmaRequest,
    outcome: TranslationOutcome,
    root: Address,
    levels: number,
    domainId: number,
    suppressed: boolean,
    filled: boolean,
  ): void {
    const { address, write } = request;
    const { ioTlb } = this.#caches;
    let frame = ioTlb.find(domainId, address);
    const held = frame >= 0;
    let entryAddress: Address;
    if (held) entryAddress = ioTlb.entryOf(domainId, address);
    else {
      const walk = this.#walk;
      walk.walk(root, levels, address);
      entryAddress = walk.entryAddress;
      if (walk.end !== WalkEnd.page) {
        this.#refuseAfterWalk(request, outcome, domainId, suppressed, filled);
        return;
      }
      ioTlb.add(domainId, address, walk.frame, walk.permissions, entryAddress);
      frame = walk.frame + walk.permissions;
    }
    const permissions = frame % 4096;
    if ((permissions & (write ? 2 : 1)) === 0) {
      const flags = EventFlag.present | EventFlag.permission | (write ? EventFlag.write : 0);
      this.#refuse(request, outcome, AmdEvent.ioPageFault, flags, domainId, suppressed, filled || !held);
      outcome.entryAddress = entryAddress;
      return;
    }
    const offset = address % 4096;
    outcome.allowed = true;
    outcome.address = frame - permissions + offset;
    outcome.validFor = 4096 - offset;
    outcome.reason = 0;
    outcome.entryAddress = entryAddress;
    outcome.untranslated = false;
    outcome.steady = held && !filled;
  }

  #refuseAfterWalk(
    request: DmaRequest,
    outcome: TranslationOutcome,
    domainId: number,
    suppressed: boolean,
    filled: boolean,
  ): void {
    const { end, entryAddress } = this.#walk;
    const direction = request.write ? EventFlag.write : 0;
    if (end === WalkEnd.unreadable) {
      this.#refuse(request, outcome, AmdEvent.pageTableHardwareError, 0, domainId, false, filled);
    } else {
      const flags = end === WalkEnd.illegal ? direction | EventFlag.present | EventFlag.reserved : direction;
      this.#refuse(request, outcome, AmdEvent.ioPageFault, flags, domainId, suppressed, filled);
    }
    outcome.entryAddress = entryAddress;
  }

  #refuseWithoutEntry(request: DmaRequest, outcome: TranslationOutcome, why: number): void {
    const code = why === UNREADABLE ? AmdEvent.deviceTableHardwareError : AmdEvent.illegalDeviceTableEntry;
    this.#refuse(request, outcome, code, 0, 0, false, false);
    if (why !== BEYOND_TABLE) outcome.entryAddress = this.#entries.addressOf(request.requesterId);
  }

  /** The request is dropped or completed with target abort, and an event is logged unless `suppressed` (SA). */
  #refuse(
    request: DmaRequest,
    outcome: TranslationOutcome,
    code: number,
    flags: number,
    domainId: number,
    suppressed: boolean,
    changed: boolean,
  ): void {
    const { address } = request;
    const logs = this.#events.running && !suppressed;
    outcome.allowed = false;
    outcome.address = address;
    outcome.validFor = 4096 - (address % 4096);
    outcome.reason = code;
    outcome.entryAddress = 0;
    outcome.untranslated = false;
    outcome.steady = !logs && !changed;
    if (suppressed) return;
    const kind = request.addressType === 1 ? flags | EventFlag.translation : flags;
    this.#events.record(code, request.requesterId, domainId, kind, address);
  }
}

/** The request goes on with its own address. */
function pass(address: Address, outcome: TranslationOutcome, entryAddress: Address): void {
  outcome.allowed = true;
  outcome.address = address;
  outcome.validFor = 4096 - (address % 4096);
  outcome.reason = 0;
  outcome.entryAddress = entryAddress;
  outcome.untranslated = true;
  outcome.steady = true;
}
