import { type DmaDeviation, legacyDmaDeviations } from './dma-deviations.ts';

/** QEMU 7.2, scalable mode. */
export const scalableDmaDeviations: readonly DmaDeviation[] = [...legacyDmaDeviations];
