/** A place where QEMU's unit answers other than the model, and why the model stands by its answer. */
export interface Deviation {
  /** Register offset, bytes. */
  readonly offset: number;
  /** Bits of the dword that are not compared. */
  readonly bits: number;
  /** Clause of the specification, or the limit of QEMU. */
  readonly reason: string;
}

/** Known deviations of QEMU 7.2. Each must still be one: a test fails when it is no longer needed. */
export const deviations: readonly Deviation[] = [
  {
    offset: 0x3c,
    bits: 0xffff_0000,
    reason: 'FEDATA.EIMD: a unit may take 32 bits of message data or 16; ours takes 32, QEMU 16',
  },
  {
    offset: 0x44,
    bits: 0xffff_ffff,
    reason: 'FEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode',
  },
  {
    offset: 0xac,
    bits: 0xffff_ffff,
    reason: 'IEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode',
  },
];
