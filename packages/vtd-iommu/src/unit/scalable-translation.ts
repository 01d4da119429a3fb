import { type DmaRequest, INTERRUPT_WINDOW, NO_PASID, type TranslationOutcome } from '@quiesce/simulation';
import {
  CONTEXT_ADDRESS,
  CONTEXT_FAULT,
  CONTEXT_FLAGS,
  CONTEXT_FPD,
  CONTEXT_LEVELS,
  CONTEXT_LIMIT,
  CONTEXT_POINTER,
} from '../cache/context-cache.ts';
import { TLB_DIRTY, TLB_NOT_PRESENT } from '../cache/io-tlb.ts';
import {
  PASID_ADDRESS,
  PASID_DOMAIN,
  PASID_EXECUTE,
  PASID_FLAGS,
  PASID_FPD,
  PASID_NUMBER,
  PASID_SECOND_LEVEL_FLAGS,
  PASID_SUPERVISOR,
  PASID_TYPE,
  PASID_WRITE_PROTECT,
} from '../cache/pasid-cache.ts';
import type { UnitCaches } from '../cache/unit-caches.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import {
  FIRST_LEVEL_TRANSLATION,
  PASID_PASS_THROUGH,
  SECOND_LEVEL_TRANSLATION,
} from '../tables/pasid-entry.ts';
import { AccessCheck } from '../walk/access-check.ts';
import type { TableAccess } from '../walk/entry-access.ts';
import { PasidFetch } from '../walk/pasid-fetch.ts';
import { PasidWalk } from '../walk/pasid-walk.ts';
import {
  CONTEXT_DEVICE_TLB,
  CONTEXT_PAGE_REQUESTS,
  CONTEXT_PASID_ENABLE,
  CONTEXT_RID_PRIVILEGED,
  ScalableContextFetch,
} from '../walk/scalable-context.ts';
import type { ProtectedMemory } from './protected-memory.ts';
import { fault, passThrough, refuse, translatedBytes } from './request-outcome.ts';

/** Translation in scalable mode (VT-d 3.4.4): context, PASID directory, PASID entry, then first and second level. */
export class ScalableTranslation {
  readonly #capability: Capability;
  readonly #caches: UnitCaches;
  readonly #recorder: FaultRecorder;
  readonly #protectedMemory: ProtectedMemory;
  readonly #contextFetch: ScalableContextFetch;
  readonly #pasidFetch: PasidFetch;
  readonly #walk: PasidWalk;
  /** Of the request in hand. */
  #disabled = false;
  #changed = false;
  #pageRequest = false;
  readonly #check: AccessCheck = new AccessCheck();

  constructor(
    access: TableAccess,
    capability: Capability,
    caches: UnitCaches,
    recorder: FaultRecorder,
    protectedMemory: ProtectedMemory,
  ) {
    this.#capability = capability;
    this.#caches = caches;
    this.#recorder = recorder;
    this.#protectedMemory = protectedMemory;
    this.#contextFetch = new ScalableContextFetch(access, capability, caches.contexts);
    this.#pasidFetch = new PasidFetch(access, capability, caches.pasids);
    this.#walk = new PasidWalk(access, capability);
  }

  translate(rootTable: number, request: DmaRequest, outcome: TranslationOutcome): void {
    this.#pageRequest = false;
    const context = this.#context(rootTable, request, outcome);
    if (context < 0) return;
    const fields = this.#caches.contexts.fields;
    if (request.addressType === 2) {
      this.#through(request, outcome, fields[context + CONTEXT_ADDRESS] as number);
      return;
    }
    const entry = this.#pasidEntry(context, request, outcome);
    if (entry < 0) return;
    const pasids = this.#caches.pasids.fields;
    const type = (pasids[entry + PASID_FLAGS] as number) & PASID_TYPE;
    const address = request.address;
    if (type === PASID_PASS_THROUGH) {
      const where = pasids[entry + PASID_ADDRESS] as number;
      if (address >= 2 ** this.#capability.guestAddressWidth) this.#fault(request, outcome, 0x83, where);
      else if (inInterruptWindow(address)) this.#fault(request, outcome, 0x87, where);
      else this.#through(request, outcome, where);
      return;
    }
    const slot = this.#translation(entry, type, request, outcome);
    if (slot < 0) return;
    const { tlb } = this.#caches;
    const bytes = tlb.pageBytes(slot);
    const output = tlb.translate(slot, address);
    if (inInterruptWindow(output)) {
      this.#fault(request, outcome, 0x87, tlb.entryAddress(slot));
      return;
    }
    outcome.allowed = true;
    outcome.address = output;
    outcome.validFor =
      bytes === 4096 ? 4096 - (address & 0xfff) : translatedBytes(address, output, bytes - (output % bytes));
    outcome.reason = 0;
    outcome.entryAddress = tlb.entryAddress(slot);
    outcome.untranslated = false;
    outcome.steady = !this.#changed;
  }

  /**
   * Does the requester's context entry allow page requests (VT-d 7.4.1)?
   * @returns false when the request has been refused, and the fault recorded
   */
  allowsPageRequest(rootTable: number, request: DmaRequest, outcome: TranslationOutcome): boolean {
    this.#pageRequest = true;
    const context = this.#context(rootTable, request, outcome);
    if (context < 0) return false;
    const fields = this.#caches.contexts.fields;
    if (((fields[context + CONTEXT_FLAGS] as number) & CONTEXT_PAGE_REQUESTS) !== 0) return true;
    this.#fault(request, outcome, 0x47, fields[context + CONTEXT_ADDRESS] as number);
    return false;
  }

  /** Place in the context cache, or -1 when the request has already been refused. */
  #context(rootTable: number, request: DmaRequest, outcome: TranslationOutcome): number {
    this.#disabled = false;
    this.#changed = false;
    const cache = this.#caches.contexts;
    let at = cache.find(request.requesterId);
    if (at < 0) {
      const fetch = this.#contextFetch;
      at = fetch.fetch(rootTable, request.requesterId);
      this.#disabled = fetch.faultDisabled;
      if (at < 0) {
        if (this.#capability.cachingMode && (at === -0x39 || at === -0x41)) {
          this.#changed = true;
          cache.insertFault(request.requesterId, -at, fetch.faultDisabled, fetch.entryAddress);
        }
        this.#fault(request, outcome, -at, fetch.entryAddress);
        return -1;
      }
      this.#changed = true;
    }
    const flags = cache.fields[at + CONTEXT_FLAGS] as number;
    this.#disabled = (flags & CONTEXT_FPD) !== 0;
    let reason = 0;
    if ((flags & CONTEXT_FAULT) !== 0) reason = cache.fields[at + CONTEXT_POINTER] as number;
    else if (request.addressType !== 0 && (flags & CONTEXT_DEVICE_TLB) === 0) reason = 0x44;
    else if (request.pasid !== NO_PASID && (flags & CONTEXT_PASID_ENABLE) === 0) reason = 0x45;
    else if (request.pasid >= (cache.fields[at + CONTEXT_LIMIT] as number)) reason = 0x46;
    if (reason === 0) return at;
    this.#fault(request, outcome, reason, cache.fields[at + CONTEXT_ADDRESS] as number);
    return -1;
  }

  /** Place in the PASID cache, or -1 when the request has already been refused. */
  #pasidEntry(context: number, request: DmaRequest, outcome: TranslationOutcome): number {
    const contexts = this.#caches.contexts.fields;
    const flags = contexts[context + CONTEXT_FLAGS] as number;
    const without = request.pasid === NO_PASID;
    const pasid = without ? (contexts[context + CONTEXT_LEVELS] as number) : request.pasid;
    this.#check.privileged = without ? (flags & CONTEXT_RID_PRIVILEGED) !== 0 : request.privileged;
    let at = this.#caches.pasids.find(request.requesterId, pasid);
    if (at < 0) {
      const fetch = this.#pasidFetch;
      at = fetch.fetch(contexts[context + CONTEXT_POINTER] as number, request.requesterId, pasid);
      if (at < 0) {
        this.#disabled ||= fetch.faultDisabled;
        this.#fault(request, outcome, -at, fetch.entryAddress);
        return -1;
      }
      this.#changed = true;
    }
    const entry = this.#caches.pasids.fields;
    const entryFlags = entry[at + PASID_FLAGS] as number;
    this.#disabled ||= (entryFlags & PASID_FPD) !== 0;
    let reason = 0;
    if (!without && request.execute && (entryFlags & PASID_EXECUTE) === 0) reason = 0x5c;
    else if (this.#check.privileged && (entryFlags & PASID_SUPERVISOR) === 0) reason = 0x5d;
    if (reason === 0) return at;
    this.#fault(request, outcome, reason, entry[at + PASID_ADDRESS] as number);
    return -1;
  }

  /** Slot of the IO-TLB, or -1 when the request has already been refused. */
  #translation(entry: number, type: number, request: DmaRequest, outcome: TranslationOutcome): number {
    const { tlb } = this.#caches;
    const fields = this.#caches.pasids.fields;
    const flags = fields[entry + PASID_FLAGS] as number;
    const domain = fields[entry + PASID_DOMAIN] as number;
    // A first level makes translations that belong to a PASID, a second level alone to the domain (VT-d 6.2.1).
    const tag = type === SECOND_LEVEL_TRANSLATION ? NO_PASID : (fields[entry + PASID_NUMBER] as number);
    const tracked = type !== SECOND_LEVEL_TRANSLATION || (flags & PASID_SECOND_LEVEL_FLAGS) !== 0;
    const check = this.#check;
    check.type = type;
    check.write = request.write;
    check.execute = request.execute && request.pasid !== NO_PASID;
    check.writeProtect = (flags & PASID_WRITE_PROTECT) !== 0;
    const slot = tlb.find(request.address, domain, tag);
    if (slot >= 0) {
      const reason = check.denied(tlb.flags(slot));
      if (reason !== 0) {
        this.#fault(request, outcome, reason, tlb.entryAddress(slot));
        return -1;
      }
      // The first write to a page has to set its dirty flag.
      if (!request.write || !tracked || (tlb.flags(slot) & TLB_DIRTY) !== 0) return slot;
    }
    const walk = this.#walk;
    const reason = walk.walk(fields, entry, request.address, check);
    if (reason === 0) {
      // A blocked request leaves nothing in the cache: software may correct the entry without an invalidation.
      if (inInterruptWindow(walk.frame + (request.address % 2 ** (12 + 9 * walk.size)))) {
        this.#fault(request, outcome, 0x87, walk.entryAddress);
        return -1;
      }
      this.#changed = true;
      return tlb.insert(request.address, walk.size, domain, tag, walk.frame, walk.flags, walk.entryAddress);
    }
    const absent = type === FIRST_LEVEL_TRANSLATION ? 0x71 : 0x79;
    if (this.#capability.cachingMode && reason === absent) {
      this.#changed = true;
      tlb.insert(request.address, 0, domain, tag, 0, TLB_NOT_PRESENT, walk.entryAddress);
    }
    this.#fault(request, outcome, reason, walk.entryAddress);
    return -1;
  }

  #through(request: DmaRequest, outcome: TranslationOutcome, entryAddress: number): void {
    const { address } = request;
    if (this.#protectedMemory.covers(address, request.length)) refuse(address, outcome);
    else passThrough(address, outcome);
    outcome.entryAddress = entryAddress;
    outcome.steady = !this.#changed;
  }

  #fault(request: DmaRequest, outcome: TranslationOutcome, reason: number, entryAddress: number): void {
    fault(
      this.#recorder,
      request,
      outcome,
      reason,
      entryAddress,
      this.#disabled,
      this.#changed,
      this.#pageRequest,
    );
  }
}

function inInterruptWindow(address: number): boolean {
  return address >= INTERRUPT_WINDOW.start && address < INTERRUPT_WINDOW.end;
}
