import type { Step } from './scenario.ts';

/** A register of which the two do not read the same. */
export interface RegisterDifference {
  readonly model: number;
  readonly qemu: number;
  /** The steps that led here. */
  readonly before: readonly Step[];
}

/** A place where QEMU's unit answers other than the model, and why the model stands by its answer. */
export interface RegisterDeviation {
  readonly id: string;
  /** Register offset, bytes. */
  readonly offset: number;
  /** Bits of the dword that may differ. */
  readonly bits: number;
  /** Clause of the specification, or the limit of QEMU. */
  readonly reason: string;
  /** Whether it is this one; without it, always. */
  explains?(difference: RegisterDifference): boolean;
}

/** Known deviations of QEMU 7.2. Each must still be one: a test fails when it is no longer needed. */
export const registerDeviations: readonly RegisterDeviation[] = [
  {
    id: 'event-data-16-bits',
    offset: 0x3c,
    bits: 0xffff_0000,
    reason: 'VT-d 10.4.11, FEDATA.EIMD: a unit may take 32 bits of message data or 16; ours takes 32, QEMU 16',
  },
  {
    id: 'no-upper-fault-event-address',
    offset: 0x44,
    bits: 0xffff_ffff,
    reason:
      'VT-d 10.4.13, FEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode, and with it',
  },
  {
    id: 'no-upper-invalidation-event-address',
    offset: 0xac,
    bits: 0xffff_ffff,
    reason:
      'VT-d 10.4.28, IEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode, and with it',
  },
];
