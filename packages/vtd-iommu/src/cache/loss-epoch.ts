/** Beyond small integers from the start, so that the number never changes its machine representation. */
const FIRST = 2 ** 40;
/** Room for a requester ID. */
const STEP = 0x1_0000;

/** Changes whenever one of the DMA caches loses an entry, or translation is switched. Not state: it only has to differ. */
export class LossEpoch {
  /** A multiple of 65536. */
  base: number = FIRST;

  advance(): void {
    this.base += STEP;
  }
}
