import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  type EntryWords,
  invalidateAllContexts,
  invalidateAllInterruptEntries,
  invalidateAllTranslations,
  invalidatePasidCache,
  PASID_CACHE_GLOBAL,
  rootTableMode,
  SCALABLE_MODE,
  UnitRegisters,
} from '@quiesce/vtd-iommu';
import { goRoundQueue, LabQueue, queueIsOn } from './invalidation-queue.ts';
import type { OwnPages } from './own-pages.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';

/** ECAP.QI, in the lower word. */
const QUEUED_INVALIDATION = 2;
/** ECAP.SMTS, in the upper word. */
const SCALABLE = 1 << 11;
const ECAP = 0x10;

/**
 * Global invalidations of a unit while a kernel is held. Which way they take depends on whose queue the unit has: through
 * a living kernel's, so that its driver does not notice; a dead kernel's is given up for one of the lab's own, as a kernel
 * would do; without queued invalidation, through the registers.
 */
export class UnitInvalidation {
  readonly #unit: RemappingUnitHandle;
  readonly #guest: SynchronousGuest;
  readonly #pages: () => OwnPages;
  #labQueue: LabQueue | undefined;
  #status: number | undefined;

  constructor(unit: RemappingUnitHandle, guest: SynchronousGuest, pages: () => OwnPages) {
    this.#unit = unit;
    this.#guest = guest;
    this.#pages = pages;
  }

  /**
   * Context cache, PASID cache in scalable mode, and IOTLB.
   * @param oldQueueIsDead a queue that is on belongs to a kernel that is gone
   * @returns false if the unit did not get through with it
   */
  translations(oldQueueIsDead: boolean): boolean {
    const registers = new UnitRegisters(this.#unit, (ms) => this.#guest.wait(ms));
    const scalable = rootTableMode(registers.rootTable.low) === SCALABLE_MODE;
    if (!this.#hasQueue) return registers.invalidateByRegisters();
    return this.#throughQueue(oldQueueIsDead, [
      invalidateAllContexts(),
      ...(scalable ? [invalidatePasidCache(PASID_CACHE_GLOBAL)] : []),
      invalidateAllTranslations(),
    ]);
  }

  /** The interrupt entry cache, for which there is no register. */
  interruptEntries(oldQueueIsDead: boolean): boolean {
    return this.#hasQueue && this.#throughQueue(oldQueueIsDead, [invalidateAllInterruptEntries()]);
  }

  #throughQueue(oldQueueIsDead: boolean, wanted: readonly EntryWords[]): boolean {
    const access = { unit: this.#unit, guest: this.#guest };
    if (this.#labQueue?.isOn === true) return this.#labQueue.submit(wanted);
    if (queueIsOn(access) && !oldQueueIsDead) {
      this.#status ??= this.#pages().allocateForLab(this.#guest, 1);
      return goRoundQueue(access, this.#status, wanted, this.#wide);
    }
    this.#labQueue ??= this.#newQueue();
    return this.#labQueue.start() && this.#labQueue.submit(wanted);
  }

  #newQueue(): LabQueue {
    const access = { unit: this.#unit, guest: this.#guest };
    return new LabQueue(access, this.#pages().allocateForLab(this.#guest, 2), this.#wide);
  }

  /**
   * Descriptors have 256 bits: on units that can scale, in which mode ever they are, as Linux has it (dmar_enable_qi). What
   * IQA says does not tell: QEMU leaves its DW out when it is read.
   */
  get #wide(): boolean {
    return (this.#unit.read32(ECAP + 4) & SCALABLE) !== 0;
  }

  get #hasQueue(): boolean {
    return (this.#unit.read32(ECAP) & QUEUED_INVALIDATION) !== 0;
  }
}
