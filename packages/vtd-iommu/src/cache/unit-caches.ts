import type { RunningHash, Snapshottable } from '@quiesce/simulation';
import { ContextCache } from './context-cache.ts';
import { InterruptEntryCache } from './interrupt-entry-cache.ts';
import { IoTlb, type IoTlbState } from './io-tlb.ts';
import { LossEpoch } from './loss-epoch.ts';
import { PasidCache } from './pasid-cache.ts';
import { RecentTranslations } from './recent-translations.ts';

export interface UnitCachesState {
  readonly contexts: Float64Array;
  readonly pasids: Float64Array;
  readonly tlb: IoTlbState;
  readonly interrupts: Uint32Array;
}

/** All that a unit remembers of tables in memory. */
export class UnitCaches implements Snapshottable<UnitCachesState> {
  readonly #epoch: LossEpoch = new LossEpoch();
  readonly contexts: ContextCache = new ContextCache(this.#epoch);
  readonly pasids: PasidCache = new PasidCache();
  readonly tlb: IoTlb = new IoTlb(this.#epoch);
  readonly interrupts: InterruptEntryCache = new InterruptEntryCache();
  readonly recent: RecentTranslations = new RecentTranslations(this.#epoch);

  /** Everything that came from the root table on. */
  invalidateDma(): void {
    this.contexts.invalidateAll();
    this.pasids.invalidateAll();
    this.tlb.invalidateAll();
  }

  snapshot(): UnitCachesState {
    return {
      contexts: this.contexts.snapshot(),
      pasids: this.pasids.snapshot(),
      tlb: this.tlb.snapshot(),
      interrupts: this.interrupts.snapshot(),
    };
  }

  restore(state: UnitCachesState): void {
    this.contexts.restore(state.contexts);
    this.pasids.restore(state.pasids);
    this.tlb.restore(state.tlb);
    this.interrupts.restore(state.interrupts);
  }

  hashInto(hash: RunningHash): void {
    this.contexts.hashInto(hash);
    this.pasids.hashInto(hash);
    this.tlb.hashInto(hash);
    this.interrupts.hashInto(hash);
  }
}
