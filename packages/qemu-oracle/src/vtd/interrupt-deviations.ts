import { messageIndex } from '@quiesce/vtd-iommu';
import type { Step } from './scenario.ts';

/** An interrupt message on which the two do not agree. */
export interface InterruptDifference {
  readonly step: Step & { readonly do: 'interrupt' };
  /** `vector>destination`, or `none`. */
  readonly qemu: string;
  /** What is right without a cache. */
  readonly uncached: string;
  /** The four dwords of the entry that the message names. */
  readonly entry: readonly number[];
}

/** A listed way in which QEMU's interrupt remapping is not hardware. */
export interface InterruptDeviation {
  readonly id: string;
  readonly reason: string;
  explains(difference: InterruptDifference): boolean;
}

const SUBHANDLE = 0x8;

/** QEMU 7.2. */
export const interruptDeviations: readonly InterruptDeviation[] = [
  {
    id: 'compatibility-interrupts-always-pass',
    reason:
      'VT-d 5.1.4: with interrupt remapping on, compatibility-format messages are blocked (25h) unless GSTS.CFIS allows them; QEMU lets all pass, and has no CFI',
    explains: (d) => d.qemu !== 'none' && (d.step.address & 0x10) === 0,
  },
  {
    id: 'message-data-without-subhandle-is-ignored',
    reason:
      'VT-d 5.1.2.2, 5.1.4.1: without SHV the data is reserved and must be 0 (20h); QEMU takes any, as it does for the I/O APIC',
    explains: (d) => d.qemu !== 'none' && (d.step.address & SUBHANDLE) === 0 && d.step.data !== 0,
  },
  {
    id: 'destination-bits-are-not-checked',
    reason:
      'VT-d 9.9: in xAPIC mode only bits 47:40 of the destination are not reserved (24h); QEMU ignores the others',
    explains: (d) =>
      d.qemu !== 'none' && ((d.entry[1] as number) & 0xffff_00ff) !== 0 && d.uncached === 'none',
  },
  {
    id: 'posted-entries-are-taken-for-remapped',
    reason: 'VT-d 9.10: without CAP.PI an entry with IM set is not valid (24h); QEMU does not look at IM',
    explains: (d) => d.qemu !== 'none' && ((d.entry[0] as number) & 0x8000) !== 0 && d.uncached === 'none',
  },
  {
    id: 'bus-range-of-source-validation-reversed',
    reason:
      'VT-d 9.9, SVT 10b: SID[15:8] is the first bus and SID[7:0] the last; QEMU takes them the other way round',
    explains: (d) => (((d.entry[2] as number) >>> 18) & 3) === 2,
  },
  {
    id: 'index-wraps-at-16-bits',
    reason:
      'VT-d 5.1.3: handle and subhandle are added, and an index beyond the table is blocked (21h); QEMU keeps 16 bits of the sum',
    explains: (d) => d.qemu !== 'none' && messageIndex(d.step.address, d.step.data) > 0xffff,
  },
];
