import type { FaultReason } from './fault-reasons.ts';
import { scalablePageRows } from './scalable-page-rows.ts';
import { scalableStructureRows } from './scalable-structure-rows.ts';

/** Translation in scalable mode. Linux prints each text with "SM: " in front of it. */
export const scalableFaultReasons: readonly FaultReason[] = [
  ...scalableStructureRows,
  ...scalablePageRows,
].map(([code, qualified, condition, text, meaning, afterCrash]) => ({
  code,
  class: 'dma-scalable',
  text: `SM: ${text}`,
  meaning,
  afterCrash,
  qualified,
  knownToLinux: code <= 0x90,
  section: `7.1.3 ${condition}`,
}));
