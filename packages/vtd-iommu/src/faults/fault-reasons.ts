import { interruptFaultReasons } from './interrupt-fault-reasons.ts';
import { legacyFaultReasons } from './legacy-fault-reasons.ts';
import { scalableFaultReasons } from './scalable-fault-reasons.ts';

/** Which part of the unit refuses: translation in legacy mode, in scalable mode, or interrupt remapping. */
export type FaultClass = 'dma-legacy' | 'interrupt' | 'dma-scalable';

/** One value of the Fault Reason field (VT-d 10.4.14, bits 103:96 of a fault recording register). */
export interface FaultReason {
  /** 0x01 .. 0xff */
  readonly code: number;
  readonly class: FaultClass;
  /** Short text in the words that kernel logs have for it. */
  readonly text: string;
  /** What the unit found. */
  readonly meaning: string;
  /** What usually stands behind it when it appears after a crash. */
  readonly afterCrash: string;
  /** Fault Processing Disable in a context, PASID or interrupt entry keeps it from being recorded. */
  readonly qualified: boolean;
  /** Linux has a text for it; otherwise it prints "Unknown". */
  readonly knownToLinux: boolean;
  /** Clause of the VT-d specification. */
  readonly section: string;
}

/** All reasons in order of code. Software faults (code 0) are not recorded by hardware and not listed. */
export const faultReasons: readonly FaultReason[] = [
  ...legacyFaultReasons,
  ...interruptFaultReasons,
  ...scalableFaultReasons,
];

const byCode: readonly (FaultReason | undefined)[] = (() => {
  const table = new Array<FaultReason | undefined>(256).fill(undefined);
  for (const reason of faultReasons) table[reason.code] = reason;
  return table;
})();

/** The reason of this code; undefined for a code that hardware does not use. */
export function faultReason(code: number): FaultReason | undefined {
  return byCode[code];
}
