import { type DmaRequest, INTERRUPT_WINDOW, NO_PASID, type TranslationOutcome } from '@quiesce/simulation';
import {
  CONTEXT_ADDRESS,
  CONTEXT_DOMAIN,
  CONTEXT_FAULT,
  CONTEXT_FLAGS,
  CONTEXT_FPD,
  CONTEXT_LEVELS,
  CONTEXT_LIMIT,
  CONTEXT_POINTER,
  type ContextCache,
} from '../cache/context-cache.ts';
import { type IoTlb, TLB_NOT_PRESENT, TLB_READ, TLB_WRITE } from '../cache/io-tlb.ts';
import type { RecentTranslations } from '../cache/recent-translations.ts';
import type { UnitCaches } from '../cache/unit-caches.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import type { TableAccess } from '../walk/entry-access.ts';
import { LegacyContextFetch } from '../walk/legacy-context.ts';
import { SecondLevelWalk, WALK_DONE, WALK_NOT_PRESENT } from '../walk/second-level-walk.ts';
import type { ProtectedMemory } from './protected-memory.ts';
import { fault, passThrough, refuse, translatedBytes } from './request-outcome.ts';

/** Fault reason of each way in which a second-level walk ends; reads. */
const readReasons = [0, 0x06, 0x06, 0x07, 0x07, 0x0c, 0] as const;
/** The same for writes. */
const writeReasons = [0, 0x05, 0x05, 0x07, 0x07, 0x0c, 0] as const;

/** Translation in legacy mode (VT-d 3.4.3). */
export class LegacyTranslation {
  readonly #cachingMode: boolean;
  readonly #zeroLengthReads: boolean;
  readonly #contexts: ContextCache;
  readonly #tlb: IoTlb;
  readonly #recent: RecentTranslations;
  readonly #recorder: FaultRecorder;
  readonly #protectedMemory: ProtectedMemory;
  readonly #fetch: LegacyContextFetch;
  readonly #walk: SecondLevelWalk;

  constructor(
    access: TableAccess,
    capability: Capability,
    caches: UnitCaches,
    recorder: FaultRecorder,
    protectedMemory: ProtectedMemory,
  ) {
    this.#cachingMode = capability.cachingMode;
    this.#zeroLengthReads = capability.zeroLengthReads;
    this.#contexts = caches.contexts;
    this.#tlb = caches.tlb;
    this.#recent = caches.recent;
    this.#recorder = recorder;
    this.#protectedMemory = protectedMemory;
    this.#fetch = new LegacyContextFetch(access, capability, caches.contexts);
    this.#walk = new SecondLevelWalk(access, capability);
  }

  translate(rootTable: number, request: DmaRequest, outcome: TranslationOutcome): void {
    const address = request.address;
    if (request.pasid !== NO_PASID) {
      fault(this.#recorder, request, outcome, 0x31, 0, false, false);
      return;
    }
    let at = this.#contexts.find(request.requesterId);
    let changed = false;
    if (at < 0) {
      changed = true;
      at = this.#fetchContext(rootTable, request, outcome);
      if (at < 0) return;
    }
    const fields = this.#contexts.fields;
    const flags = fields[at + CONTEXT_FLAGS] as number;
    const type = flags & 3;
    if (
      (flags & CONTEXT_FAULT) !== 0 ||
      (request.addressType !== 0 && type !== 1) ||
      address >= (fields[at + CONTEXT_LIMIT] as number)
    ) {
      const reason =
        (flags & CONTEXT_FAULT) !== 0
          ? (fields[at + CONTEXT_POINTER] as number)
          : request.addressType !== 0 && type !== 1
            ? 0x0d
            : 0x04;
      this.#fault(request, outcome, reason, fields[at + CONTEXT_ADDRESS] as number, at, changed);
      return;
    }
    if (type === 2 || request.addressType === 2) {
      if (this.#protectedMemory.covers(address, request.length)) refuse(address, outcome);
      else passThrough(address, outcome);
      outcome.entryAddress = fields[at + CONTEXT_ADDRESS] as number;
      outcome.steady = !changed;
      return;
    }
    const tlb = this.#tlb;
    const domain = fields[at + CONTEXT_DOMAIN] as number;
    let needed = request.write ? TLB_WRITE : TLB_READ;
    if (request.length === 0 && !request.write && this.#zeroLengthReads) needed = 0;
    let slot = tlb.find(address, domain, NO_PASID);
    if (slot < 0) {
      slot = this.#walkTables(at, request, needed, outcome, changed);
      if (slot < 0) return;
      changed = true;
    } else if ((tlb.flags(slot) & needed) !== needed) {
      this.#fault(request, outcome, request.write ? 0x05 : 0x06, tlb.entryAddress(slot), at, changed);
      return;
    }
    const output = tlb.translate(slot, address);
    if (output >= INTERRUPT_WINDOW.start && output < INTERRUPT_WINDOW.end) {
      this.#fault(request, outcome, 0x0e, tlb.entryAddress(slot), at, changed);
      return;
    }
    const bytes = tlb.pageBytes(slot);
    outcome.allowed = true;
    outcome.address = output;
    outcome.validFor =
      bytes === 4096 ? 4096 - (address & 0xfff) : translatedBytes(address, output, bytes - (output % bytes));
    outcome.reason = 0;
    outcome.entryAddress = tlb.entryAddress(slot);
    outcome.untranslated = false;
    outcome.steady = !changed;
    if (bytes === 4096) {
      const frame = output - (address & 0xfff);
      this.#recent.remember(
        address,
        request.requesterId,
        frame,
        tlb.flags(slot) & (TLB_READ | TLB_WRITE),
        outcome.entryAddress,
      );
    }
  }

  /** @returns place in the context cache, or -1 when the request has already been refused */
  #fetchContext(rootTable: number, request: DmaRequest, outcome: TranslationOutcome): number {
    const fetch = this.#fetch;
    const at = fetch.fetch(rootTable, request.requesterId);
    if (at >= 0) return at;
    const absent = -at <= 0x02 && this.#cachingMode;
    if (absent) {
      this.#contexts.insertFault(request.requesterId, -at, fetch.faultDisabled, fetch.entryAddress);
    }
    fault(this.#recorder, request, outcome, -at, fetch.entryAddress, fetch.faultDisabled, absent);
    return -1;
  }

  /** @returns slot of the IO-TLB, or -1 when the request has already been refused */
  #walkTables(
    at: number,
    request: DmaRequest,
    needed: number,
    outcome: TranslationOutcome,
    changed: boolean,
  ): number {
    const walk = this.#walk;
    const fields = this.#contexts.fields;
    const domain = fields[at + CONTEXT_DOMAIN] as number;
    const result = walk.walk(
      fields[at + CONTEXT_POINTER] as number,
      fields[at + CONTEXT_LEVELS] as number,
      request.address,
      needed,
      0,
    );
    if (result === WALK_DONE) {
      // A blocked request leaves nothing in the cache: software may correct the entry without an invalidation.
      if (walk.blocks(request.address)) {
        this.#fault(request, outcome, 0x0e, walk.entryAddress, at, changed);
        return -1;
      }
      return this.#tlb.insert(
        request.address,
        walk.size,
        domain,
        NO_PASID,
        walk.frame,
        walk.permissions,
        walk.entryAddress,
      );
    }
    const cached = result === WALK_NOT_PRESENT && this.#cachingMode;
    if (cached) {
      this.#tlb.insert(request.address, 0, domain, NO_PASID, 0, TLB_NOT_PRESENT, walk.entryAddress);
    }
    const reason = (request.write ? writeReasons : readReasons)[result] as number;
    this.#fault(request, outcome, reason, walk.entryAddress, at, changed || cached);
    return -1;
  }

  #fault(
    request: DmaRequest,
    outcome: TranslationOutcome,
    reason: number,
    entryAddress: number,
    at: number,
    changed: boolean,
  ): void {
    const disabled = ((this.#contexts.fields[at + CONTEXT_FLAGS] as number) & CONTEXT_FPD) !== 0;
    fault(this.#recorder, request, outcome, reason, entryAddress, disabled, changed);
  }
}
