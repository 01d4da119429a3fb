import {
  type Address,
  type DmaRequest,
  INTERRUPT_WINDOW,
  NO_PASID,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import { ABORT_DMA_MODE, LEGACY_MODE, SCALABLE_MODE } from '../tables/table-registers.ts';
import type { TableAccess } from '../walk/entry-access.ts';
import { LegacyTranslation } from './legacy-translation.ts';
import type { ProtectedMemory } from './protected-memory.ts';
import { fault, passThrough, refuse } from './request-outcome.ts';
import { ScalableTranslation } from './scalable-translation.ts';

/** DMA remapping: what becomes of a request under the table that GCMD.SRTP latched. */
export class DmaRemapper {
  /** GSTS.TES */
  enabled = false;
  rootTable: Address = 0;
  /** RTADDR.TTM as latched. */
  mode: number = LEGACY_MODE;
  readonly #capability: Capability;
  readonly #recorder: FaultRecorder;
  readonly #protectedMemory: ProtectedMemory;
  readonly #legacy: LegacyTranslation;
  readonly #scalable: ScalableTranslation;

  constructor(
    access: TableAccess,
    capability: Capability,
    caches: UnitCaches,
    recorder: FaultRecorder,
    protectedMemory: ProtectedMemory,
  ) {
    this.#capability = capability;
    this.#recorder = recorder;
    this.#protectedMemory = protectedMemory;
    this.#legacy = new LegacyTranslation(access, capability, caches, recorder, protectedMemory);
    this.#scalable = new ScalableTranslation(access, capability, caches, recorder, protectedMemory);
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    const address = request.address;
    if (address >= INTERRUPT_WINDOW.start && address < INTERRUPT_WINDOW.end && request.pasid === NO_PASID) {
      // Never translated (VT-d 3.14): a write is an interrupt message, anything else is refused without a record.
      if (request.write && request.addressType === 0) passThrough(address, outcome);
      else refuse(address, outcome);
    } else if (!this.enabled) {
      if (this.#protectedMemory.covers(address, request.length)) refuse(address, outcome);
      else passThrough(address, outcome);
    } else if (this.mode === LEGACY_MODE) this.#legacy.translate(this.rootTable, request, outcome);
    else if (this.mode === SCALABLE_MODE && this.#capability.scalableMode) {
      this.#scalable.translate(this.rootTable, request, outcome);
    } else if (this.mode === ABORT_DMA_MODE && this.#capability.abortDma) {
      // Abort-DMA mode: everything is refused, nothing is a fault.
      refuse(address, outcome);
    } else fault(this.#recorder, request, outcome, 0x30, 0, false, false);
  }

  /**
   * Checks a page request against the tables.
   * @returns false when it has been refused, and the fault recorded
   */
  allowsPageRequest(request: DmaRequest, outcome: TranslationOutcome): boolean {
    if (!this.enabled || this.mode === ABORT_DMA_MODE) return false;
    if (this.mode === SCALABLE_MODE && this.#capability.scalableMode) {
      return this.#scalable.allowsPageRequest(this.rootTable, request, outcome);
    }
    const reason = this.mode === LEGACY_MODE ? 0x32 : 0x30;
    fault(this.#recorder, request, outcome, reason, 0, false, false, true);
    return false;
  }
}
