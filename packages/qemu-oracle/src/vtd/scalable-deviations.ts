import {
  type DmaDeviation,
  type DmaDifference,
  legacyDmaDeviations,
  otherwise,
  raw,
  silent,
} from './dma-deviations.ts';
import { requestView } from './fault-view.ts';

/** What QEMU's reasons, those of legacy mode, stand for in scalable mode (VT-d 7.1.3). */
const meanings: Readonly<Record<number, readonly number[]>> = {
  1: [0x39],
  2: [0x41],
  3: [0x7b, 0x78],
  4: [0x84],
  5: [0x79, 0x85],
  6: [0x79, 0x86],
  7: [0x78],
  8: [0x38],
  9: [0x40],
  10: [0x3a],
  11: [0x42],
  12: [0x7a],
  88: [0x50, 0x51, 0x58, 0x59, 0x5b],
  135: [0x87],
};

/** Is this, but for the number of the reason, what such a unit might do? */
function among(d: DmaDifference, views: readonly string[]): boolean {
  const { fault, target, view } = d;
  if (fault === undefined) return views.includes(view);
  return (meanings[fault.reason] ?? []).some((reason) =>
    views.includes(requestView(target, { ...fault, reason, withPasid: false })),
  );
}

function named(id: string): DmaDeviation {
  const found = legacyDmaDeviations.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no deviation ${id}`);
  return found;
}

/** QEMU 7.2, scalable mode: what stands for itself. */
const plain: readonly DmaDeviation[] = [
  {
    id: 'legacy-reasons-in-scalable-mode',
    reason:
      'VT-d 7.1.3: in scalable mode faults have reasons of their own, from 30h; QEMU gives those of legacy mode, and 58h for all that is wrong with PASID tables. It marks requests without PASID as having RID_PASID',
    explains: (d) => d.fault !== undefined && among(d, d.allowed.views),
  },
  {
    id: 'permission-before-reserved-bits',
    reason: named('permission-before-reserved-bits').reason,
    explains: (d) => (d.fault?.reason === 0x05 || d.fault?.reason === 0x06) && otherwise(d, 0x7a),
  },
  {
    id: 'all-ones-entry-is-a-failed-read',
    reason: named('all-ones-entry-is-a-failed-read').reason,
    explains: (d) => (d.fault?.reason === 0x07 || d.fault?.reason === 0x03) && otherwise(d, 0x7a),
  },
  {
    id: 'fault-disable-ignored-for-pasid-tables',
    reason:
      'VT-d 7.1.3 SCT.3, SPD and SPT: faults of context, PASID directory and PASID table entries are kept out of the log by FPD; QEMU records reserved bits and everything about PASID tables',
    explains: (d) =>
      (d.fault?.reason === 0x0b || d.fault?.reason === 0x58) && d.allowed.views.includes(silent(-1)),
  },
  named('superpage-over-the-interrupt-window'),
  {
    id: 'width-checked-for-pass-through',
    reason:
      'VT-d 9.6: AW counts for second-level and nested translation alone; QEMU checks it for pass-through, too',
    explains: (d) =>
      (d.fault?.reason === 0x58 ||
        // FPD of the cached context entry keeps QEMU quiet about it.
        (d.view === silent(-1) && d.allowed.chains.some((chain) => chain.faultDisabled))) &&
      d.allowed.chains.some((chain) => chain.passThrough && chain.levels !== 4 && chain.levels !== 3),
  },
  {
    id: 'pass-through-without-address-limit',
    reason: named('pass-through-without-address-limit').reason,
    explains: (d) =>
      d.fault === undefined &&
      d.target === raw(d.step) &&
      d.step.address >= 2 ** 48 &&
      d.allowed.chains.some((chain) => chain.passThrough),
  },
  {
    id: 'pass-through-outlives-its-pasid-entry',
    reason:
      'VT-d 6.5.2.4: a PASID-cache invalidation removes PASID entries; QEMU ignores it, and goes on with pass-through until context entries are invalidated',
    explains: (d) => d.fault === undefined && d.target === raw(d.step) && d.allowed.passedThrough,
  },
  named('cached-denial-leaves-no-record'),
  named('translations-outlive-their-context-entry'),
];

/** QEMU 7.2, scalable mode. */
export const scalableDmaDeviations: readonly DmaDeviation[] = [
  ...plain,
  {
    id: 'pasid-entries-hardly-checked',
    reason:
      'VT-d 9.5, 9.6, 9.8: reserved bits and tables of a type that ECAP does not offer are faults (52h, 5Ah, 5Bh, 7Ah), and without ECAP.RPS requests without PASID have PASID 0; QEMU checks no reserved bits there, nor P once the context entry is cached, walks first-level and nested tables as second-level ones, lets the SNP bit be, and follows RID_PASID',
    explains: (d) => {
      const lenient = { ...d, allowed: { ...d.allowed, ...d.lenient() } };
      return lenient.allowed.views.includes(d.view) || plain.some((one) => one.explains(lenient));
    },
  },
  {
    id: 'pasid-errors-unseen-with-fault-disable',
    reason:
      'VT-d 7.1.3 SPD, SPT: a PASID directory or table entry that is not present, cannot be read or is of no valid type is a fault (50h to 5Bh), FPD only keeps it out of the log; where the cached context entry says FPD, QEMU does not look, and walks what it has, even what it never read',
    explains: (d) =>
      d.fault === undefined &&
      d.allowed.chains.some((chain) => chain.contextOnly && chain.faultDisabled) &&
      [d.allowed.reason, ...d.lenient().reasons].some((reason) => reason >= 0x50 && reason <= 0x5b),
  },
];
