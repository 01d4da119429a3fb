import type { RecordedFault } from './fault-view.ts';
import { requestView } from './fault-view.ts';
import type { Allowed, Lenient } from './possibilities.ts';
import { hitOf } from './possibilities.ts';
import type { Step } from './scenario.ts';
import { targetPages } from './scenario.ts';
import type { TableChain } from './table-chain.ts';

/** A request that QEMU answers in a way that the specification does not allow. */
export interface DmaDifference {
  readonly step: Step & { readonly do: 'dma' };
  readonly allowed: Allowed;
  /** What QEMU's log tells. */
  readonly fault: RecordedFault | undefined;
  /** QEMU's, as {@link requestView}. */
  readonly view: string;
  readonly target: number;
  readonly scalable: boolean;
  /** What a unit might do that leaves out some checks. */
  lenient(): Lenient;
  /** The leaves that the address leads to by these chains, whether it is allowed to or not. */
  leaves(chains: readonly TableChain[]): readonly { readonly frame: number; readonly bytes: number }[];
}

/** A listed way in which QEMU's unit is not hardware. It must still occur: a run tells how often. */
export interface DmaDeviation {
  readonly id: string;
  /** The clause that the model follows, and what QEMU does instead. */
  readonly reason: string;
  explains(difference: DmaDifference): boolean;
}

/** Was there an answer with this reason and the rest as QEMU has it? */
export function otherwise(difference: DmaDifference, ...reasons: readonly number[]): boolean {
  const { fault, target, allowed } = difference;
  if (fault === undefined) return false;
  return reasons.some((reason) =>
    allowed.views.includes(requestView(target, { ...fault, reason, withPasid: false })),
  );
}

/** Where the address goes without translation. */
export function raw(step: DmaDifference['step']): number {
  return targetPages.indexOf(step.address - (step.address % 4096));
}

export const silent = (target: number): string => requestView(target, undefined);

/** QEMU 7.2, legacy mode. */
export const legacyDmaDeviations: readonly DmaDeviation[] = [
  {
    id: 'permission-before-reserved-bits',
    reason:
      'VT-d 7.1.3 LSL.3: an entry with reserved bits set is reported as such (0Ch); QEMU looks at its permissions first (05h, 06h)',
    explains: (d) => (d.fault?.reason === 0x05 || d.fault?.reason === 0x06) && otherwise(d, 0x0c),
  },
  {
    id: 'first-table-error-is-a-context-error',
    reason:
      'VT-d 7.1.3 LSL.1: a page-table entry that cannot be read is 07h at every level; QEMU says 03h for the first table',
    explains: (d) => d.fault?.reason === 0x03 && otherwise(d, 0x07, 0x0c),
  },
  {
    id: 'all-ones-entry-is-a-failed-read',
    reason:
      'VT-d 9.8: an entry of all ones has reserved bits set (0Ch); QEMU takes it for a failed read (07h)',
    explains: (d) => d.fault?.reason === 0x07 && otherwise(d, 0x0c),
  },
  {
    id: 'fault-disable-ignored-for-reserved-context-bits',
    reason:
      'VT-d 7.1.3 LCT.3: reserved bits in a present context entry are a qualified fault, which FPD keeps out of the log; QEMU records it',
    explains: (d) => d.fault?.reason === 0x0b && d.allowed.views.includes(silent(-1)),
  },
  {
    id: 'superpage-over-the-interrupt-window',
    reason:
      'VT-d 3.14: a request whose output lies in FEEx_xxxxh is blocked; QEMU blocks every request to a superpage that touches the window',
    explains: (d) =>
      (d.fault?.reason === 0x0e || d.fault?.reason === 0x87) &&
      d
        .leaves(d.allowed.chains)
        .some(
          (leaf) => leaf.bytes > 4096 && leaf.frame < 0xfef0_0000 && leaf.frame + leaf.bytes > 0xfee0_0000,
        ),
  },
  {
    id: 'pass-through-without-address-limit',
    reason:
      'VT-d 7.1.3 LGN.1: an address beyond the width that the context entry gives is refused (04h) in pass-through, too; QEMU lets it through',
    explains: (d) =>
      d.fault === undefined &&
      d.target === raw(d.step) &&
      d.allowed.chains.some((chain) => chain.passThrough && d.step.address >= 2 ** (12 + 9 * chain.levels)),
  },
  {
    id: 'cached-denial-leaves-no-record',
    reason:
      'VT-d 7.1: a request that a cached translation does not permit is a fault like any other; QEMU drops it without a record',
    explains: (d) => d.view === silent(-1) && d.allowed.made.some((one) => hitOf(one, d.step).denied),
  },
  {
    id: 'translations-outlive-their-context-entry',
    reason:
      'VT-d 6.2.4: translations are tagged with the domain id of the context entry that a request has now; QEMU looks for them by requester, before it looks at the context entry',
    explains: (d) =>
      d.fault === undefined &&
      d.allowed.made.some((one) => {
        const hit = hitOf(one, d.step);
        return !hit.denied && hit.target === d.target;
      }),
  },
];

/** QEMU 7.2 with `x-scalable-mode=on`, used in legacy mode: what stands for itself. */
const withScalableMode: readonly DmaDeviation[] = [
  {
    id: 'scalable-reason-in-legacy-mode',
    reason:
      'VT-d 7.1.3 LGN.4: in legacy mode a translation into the interrupt window is 0Eh; QEMU with x-scalable-mode=on says 87h',
    explains: (d) => d.fault?.reason === 0x87 && otherwise(d, 0x0e),
  },
  ...legacyDmaDeviations,
];

/** QEMU 7.2 with `x-scalable-mode=on`, used in legacy mode. */
export const scalableUnitLegacyDeviations: readonly DmaDeviation[] = [
  ...withScalableMode,
  {
    id: 'snoop-bit-without-snoop-control',
    reason:
      'VT-d 9.8: without ECAP.SC the SNP bit of a leaf is reserved; QEMU with x-scalable-mode=on lets it be, in either mode',
    explains: (d) => {
      const lenient = { ...d, allowed: { ...d.allowed, ...d.lenient() } };
      return lenient.allowed.views.includes(d.view) || withScalableMode.some((one) => one.explains(lenient));
    },
  },
];
