/** Something that QEMU does other than hardware, and that the suite therefore keeps out of its cases or evens out. */
export interface BehaviourDeviation {
  readonly id: string;
  /** What QEMU does, and the clause that the model follows. PCI Express Base Specification 6.0 unless said. */
  readonly reason: string;
  /** How the suite goes about it. */
  readonly handling: string;
  /** Name in the tally that says how often a run came by it; absent where cases are kept away from it. */
  readonly counted?: string;
}

/** Known deviations of QEMU 7.2 that are no bits. Each is shown by a test to be one still. */
export const behaviourDeviations: readonly BehaviourDeviation[] = [
  {
    id: 'nobody-answers-zero',
    reason:
      'QEMU reads 0 where no memory answers, a root complex all ones (2.3.2, PCI Local Bus 3.0 3.3.3.1)',
    handling: 'a read that nobody answers must give 0 in QEMU',
    counted: 'probes that nobody answers',
  },
  {
    id: 'resets-take-no-time',
    reason:
      'functions of QEMU answer at once after a reset: no 100 ms, no retry status (6.6.1, 2.3.1); the model keeps silent',
    handling: 'the model is given 200 ms after every write',
    counted: 'secondary-bus-reset',
  },
  {
    id: 'stale-windows-after-reset',
    reason:
      'QEMU forwards by the windows from before a reset of a bridge until a register of them is written (6.6.1: reset)',
    handling: 'Command of a bridge that was numbered anew is written once more to QEMU',
  },
  {
    id: 'bar-at-either-end',
    reason: 'QEMU does not decode a BAR at address 0 nor one that ends at 4 GiB (7.5.1.2.1: any address)',
    handling: 'registers are looked for between 3 GiB and 0xfe000000, and above 4 GiB',
  },
  {
    id: 'latch-in-parts',
    reason:
      'a read of 1 or 2 bytes at 0xcf8 gives the latch in QEMU (PCI Local Bus 3.0 3.2.2.3.2: dwords only)',
    handling: 'the latch is read in 4 bytes',
  },
  {
    id: 'latch-reserved-bits',
    reason:
      'the latch at 0xcf8 keeps bits 30:24 and 1:0 in QEMU (PCI Local Bus 3.0 3.2.2.3.2: read-only zeros)',
    handling: 'they are written as 0',
  },
  {
    id: 'd3hot-decodes',
    reason: 'functions of QEMU in D3hot answer memory requests (5.3.1.4: configuration requests alone)',
    handling: 'nothing but config space is looked at in D3hot',
  },
  {
    id: 'd3hot-without-reset',
    reason: 'QEMU goes from D3hot to D0 without a reset, whatever No_Soft_Reset says (5.3.1.4, 7.5.2.2)',
    handling: "QEMU is given the model's registers afterwards",
    counted: 'd3hot',
  },
  {
    id: 'sticky-without-power',
    reason: 'neither power-on nor slot power resets sticky bits in QEMU (7.4: ROS, RWS, RW1CS)',
    handling: "QEMU is given the model's registers afterwards",
    counted: 'power-cycle',
  },
  {
    id: 'bridges-forward-without-bus-master',
    reason: 'bridges of QEMU forward requests upstream with Bus Master Enable clear (7.5.1.1.3)',
    handling: 'cases have no traffic upstream',
  },
];
