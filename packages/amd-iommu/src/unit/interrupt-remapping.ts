import type { InterruptOutcome, InterruptRequest } from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import { AmdEvent, EventFlag } from '../events/event-entry.ts';
import type { EventLog } from '../events/event-log.ts';
import {
  entryInterruptControl,
  entryInterruptLength,
  entryInterruptTable,
  INTERRUPTS_FORWARDED,
  INTERRUPTS_REMAPPED,
} from '../tables/device-table-entry.ts';
import { type DeviceEntryFetch, UNREADABLE } from './device-entry-fetch.ts';
import type { TableAccess } from './table-access.ts';

/** What becomes of fixed and arbitrated interrupts (48882, 2.2.5). */
export class InterruptRemapping {
  /** IommuEn */
  enabled = false;
  readonly #access: TableAccess;
  readonly #caches: UnitCaches;
  readonly #events: EventLog;
  readonly #entries: DeviceEntryFetch;

  constructor(access: TableAccess, caches: UnitCaches, events: EventLog, entries: DeviceEntryFetch) {
    this.#access = access;
    this.#caches = caches;
    this.#events = events;
    this.#entries = entries;
  }

  remap(request: InterruptRequest, outcome: InterruptOutcome): void {
    if (!this.enabled) {
      deliverAsSent(request, outcome);
      return;
    }
    const at = this.#entries.fetch(request.requesterId);
    if (at < 0) {
      const code = at === UNREADABLE ? AmdEvent.deviceTableHardwareError : AmdEvent.illegalDeviceTableEntry;
      this.#refuse(request, outcome, code, 0, -1);
      return;
    }
    const words = this.#caches.deviceTable.words;
    const word4 = words[at + 4] as number;
    const word5 = words[at + 5] as number;
    const control = entryInterruptControl(word5);
    if ((word4 & 1) === 0 || control === INTERRUPTS_FORWARDED) {
      deliverAsSent(request, outcome);
      return;
    }
    if (control !== INTERRUPTS_REMAPPED) {
      this.#refuse(request, outcome, AmdEvent.ioPageFault, 0, -1);
      return;
    }
    const index = request.data & 0x7ff;
    if (index >= 2 ** entryInterruptLength(word4)) {
      this.#refuse(request, outcome, AmdEvent.ioPageFault, EventFlag.reserved, index);
      return;
    }
    this.#throughTable(request, outcome, entryInterruptTable(word4, word5), index);
  }

  #throughTable(request: InterruptRequest, outcome: InterruptOutcome, table: number, index: number): void {
    const { interrupts } = this.#caches;
    let word = interrupts.find(request.requesterId, index);
    if (word < 0) {
      const at = table + 4 * index;
      if (this.#access.fails(at)) {
        this.#refuse(request, outcome, AmdEvent.pageTableHardwareError, 0, index);
        return;
      }
      word = this.#access.memory.read32(at);
      if ((word & 1) === 0) {
        this.#refuse(request, outcome, AmdEvent.ioPageFault, 0, index);
        return;
      }
      interrupts.add(request.requesterId, index, word);
    }
    outcome.delivered = true;
    outcome.vector = (word >>> 16) & 0xff;
    outcome.destination = (word >>> 8) & 0xff;
    outcome.reason = 0;
    outcome.index = index;
  }

  #refuse(
    request: InterruptRequest,
    outcome: InterruptOutcome,
    code: number,
    flags: number,
    index: number,
  ): void {
    outcome.delivered = false;
    outcome.reason = code;
    outcome.index = index;
    const kind = flags | EventFlag.interrupt | EventFlag.write;
    this.#events.record(code, request.requesterId, 0, kind, request.address);
  }
}

/** The message means what the processor manual says. */
function deliverAsSent(request: InterruptRequest, outcome: InterruptOutcome): void {
  outcome.delivered = true;
  outcome.vector = request.data & 0xff;
  outcome.destination = (request.address >>> 12) & 0xff;
  outcome.reason = 0;
  outcome.index = -1;
}
