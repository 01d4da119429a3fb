import {
  type Address,
  type DmaRequest,
  INTERRUPT_WINDOW,
  NO_PASID,
  type TranslationOutcome,
} from '@quiesce/simulation';
import {
  CONTEXT_ADDRESS,
  CONTEXT_DOMAIN,
  CONTEXT_FLAGS,
  CONTEXT_FPD,
  CONTEXT_LEVELS,
  CONTEXT_LIMIT,
  CONTEXT_POINTER,
  type ContextCache,
} from '../cache/context-cache.ts';
import { type IoTlb, TLB_READ, TLB_WRITE } from '../cache/io-tlb.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import type { TableAccess } from '../walk/entry-access.ts';
import { LegacyContextFetch } from '../walk/legacy-context.ts';
import {
  SecondLevelWalk,
  WALK_ACCESS,
  WALK_DENIED,
  WALK_DONE,
  WALK_NOT_PRESENT,
  WALK_RESERVED,
  WALK_ROOT_ACCESS,
} from '../walk/second-level-walk.ts';

/** Root table modes, RTADDR.TTM. */
export const LEGACY_MODE = 0;
export const SCALABLE_MODE = 1;
export const ABORT_MODE = 3;

export class DmaRemapper {
  enabled = false;
  rootTable: Address = 0;
  mode: number = LEGACY_MODE;
  readonly #capability: Capability;
  readonly #contexts: ContextCache;
  readonly #tlb: IoTlb;
  readonly #recorder: FaultRecorder;
  readonly #legacy: LegacyContextFetch;
  readonly #secondLevel: SecondLevelWalk;

  constructor(
    access: TableAccess,
    capability: Capability,
    contexts: ContextCache,
    tlb: IoTlb,
    recorder: FaultRecorder,
  ) {
    this.#capability = capability;
    this.#contexts = contexts;
    this.#tlb = tlb;
    this.#recorder = recorder;
    this.#legacy = new LegacyContextFetch(access, capability, contexts);
    this.#secondLevel = new SecondLevelWalk(access, capability);
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    const address = request.address;
    if (address >= INTERRUPT_WINDOW.start && address < INTERRUPT_WINDOW.end && request.pasid === NO_PASID) {
      // Never translated (VT-d 3.14): a write is an interrupt message, anything else is refused without a record.
      through(address, outcome);
      outcome.allowed = request.write && request.addressType === 0;
      return;
    }
    if (!this.enabled) {
      through(address, outcome);
    } else if (this.mode === LEGACY_MODE) {
      this.#translateLegacy(request, outcome);
    } else {
      this.#refuse(address, outcome);
    }
  }

  #translateLegacy(request: DmaRequest, outcome: TranslationOutcome): void {
    const address = request.address;
    if (request.pasid !== NO_PASID) {
      this.#fault(request, outcome, 0x31, 0, false);
      return;
    }
    let steady = true;
    let at = this.#contexts.find(request.requesterId);
    if (at < 0) {
      steady = false;
      at = this.#legacy.fetch(this.rootTable, request.requesterId);
      if (at < 0) {
        this.#fault(request, outcome, -at, this.#legacy.entryAddress, this.#legacy.faultDisabled);
        return;
      }
    }
    const fields = this.#contexts.fields;
    const flags = fields[at + CONTEXT_FLAGS] as number;
    const type = flags & 3;
    if (request.addressType !== 0 && type !== 1) {
      this.#fault(
        request,
        outcome,
        0x0d,
        fields[at + CONTEXT_ADDRESS] as number,
        (flags & CONTEXT_FPD) !== 0,
      );
      return;
    }
    if (address >= (fields[at + CONTEXT_LIMIT] as number)) {
      this.#fault(
        request,
        outcome,
        0x04,
        fields[at + CONTEXT_ADDRESS] as number,
        (flags & CONTEXT_FPD) !== 0,
      );
      return;
    }
    if (type === 2 || request.addressType === 2) {
      through(address, outcome);
      outcome.entryAddress = fields[at + CONTEXT_ADDRESS] as number;
      outcome.steady = steady;
      return;
    }
    const domain = fields[at + CONTEXT_DOMAIN] as number;
    const needed = request.write ? TLB_WRITE : TLB_READ;
    let slot = this.#tlb.find(address, domain, NO_PASID);
    if (slot < 0) {
      steady = false;
      const walk = this.#secondLevel;
      const result = walk.walk(
        fields[at + CONTEXT_POINTER] as number,
        fields[at + CONTEXT_LEVELS] as number,
        address,
        request.length === 0 && this.#capability.zeroLengthReads ? 0 : needed,
        0,
      );
      if (result !== WALK_DONE) {
        const reason = legacyReason(result, request.write);
        this.#fault(request, outcome, reason, walk.entryAddress, (flags & CONTEXT_FPD) !== 0);
        return;
      }
      slot = this.#tlb.insert(
        address,
        walk.size,
        domain,
        NO_PASID,
        walk.frame,
        walk.permissions,
        walk.entryAddress,
      );
    } else if ((this.#tlb.flags(slot) & needed) === 0) {
      this.#fault(
        request,
        outcome,
        request.write ? 0x05 : 0x06,
        this.#tlb.entryAddress(slot),
        (flags & CONTEXT_FPD) !== 0,
      );
      return;
    }
    const bytes = this.#tlb.pageBytes(slot);
    const offset = address % bytes;
    outcome.allowed = true;
    outcome.address = this.#tlb.frame(slot) + offset;
    outcome.validFor = bytes - offset;
    outcome.reason = 0;
    outcome.entryAddress = this.#tlb.entryAddress(slot);
    outcome.untranslated = false;
    outcome.steady = steady;
  }

  #refuse(address: Address, outcome: TranslationOutcome): void {
    outcome.allowed = false;
    outcome.address = address;
    outcome.validFor = 4096 - (address % 4096);
    outcome.reason = 0;
    outcome.entryAddress = 0;
    outcome.untranslated = false;
    outcome.steady = true;
  }

  #fault(
    request: DmaRequest,
    outcome: TranslationOutcome,
    reason: number,
    entryAddress: Address,
    disabled: boolean,
  ): void {
    this.#refuse(request.address, outcome);
    outcome.reason = reason;
    outcome.entryAddress = entryAddress;
    outcome.steady = disabled || this.#recorder.saturated;
    const info = this.#recorder.info;
    info.reason = reason;
    info.sourceId = request.requesterId;
    info.address = request.address - (request.address % 4096);
    info.index = -1;
    info.read = !request.write;
    info.pasid = request.pasid;
    info.privileged = request.privileged;
    info.execute = request.execute;
    info.addressType = request.addressType;
    this.#recorder.record(disabled);
  }
}

function legacyReason(result: number, write: boolean): number {
  if (result === WALK_NOT_PRESENT || result === WALK_DENIED) return write ? 0x05 : 0x06;
  if (result === WALK_RESERVED) return 0x0c;
  if (result === WALK_ACCESS || result === WALK_ROOT_ACCESS) return 0x07;
  return 0;
}

function through(address: Address, outcome: TranslationOutcome): void {
  outcome.allowed = true;
  outcome.address = address;
  outcome.validFor = 4096 - (address % 4096);
  outcome.reason = 0;
  outcome.entryAddress = 0;
  outcome.untranslated = true;
  outcome.steady = true;
}
