import type { BootPhase } from '../diagnosis.ts';
import { InventoryReader } from './inventory-reader.ts';

/** What has been learnt of one kernel so far. */
export class KernelRecord {
  readonly index: number;
  readonly firstLine: number;
  /** Messages of the log before it. */
  readonly firstSequence: number;
  /** Why a kernel begins here. */
  readonly beginsBy: 'start' | 'boot-id' | 'banner' | 'firmware' | 'time' | 'command-line';
  readonly inventory: InventoryReader = new InventoryReader();
  /** Its first line is in the log: what is not said did not happen. */
  hasBanner = false;
  release: string | undefined;
  version: string | undefined;
  commandLine: string | undefined;
  phases: { readonly phase: BootPhase; readonly firstLine: number; readonly seconds?: number }[];
  /** Lines that speak of a kernel's life: stamps, faults, events. A mail's prose has none. */
  content = 0;
  /** Latest time since boot, in seconds. */
  seconds: number | undefined;
  /** Lines that tell its role, the first of each. */
  readonly signs: Map<Sign, number> = new Map();

  constructor(
    index: number,
    first: { readonly number: number; readonly sequence: number },
    beginsBy: KernelRecord['beginsBy'],
  ) {
    this.index = index;
    this.firstLine = first.number;
    this.firstSequence = first.sequence;
    this.beginsBy = beginsBy;
    const phase =
      beginsBy === 'banner' || beginsBy === 'firmware' || beginsBy === 'command-line'
        ? 'early-boot'
        : 'unknown';
    this.phases = [{ phase, firstLine: first.number }];
  }

  get phase(): BootPhase {
    return this.phases.at(-1)?.phase ?? 'unknown';
  }

  see(sign: Sign, line: number): void {
    if (!this.signs.has(sign)) this.signs.set(sign, line);
  }
}

/** What a line can tell of a kernel's role and of its tables. */
export type Sign =
  | 'elfcorehdr'
  | 'crashkernel'
  | 'reset-devices'
  | 'crash-initramfs'
  | 'previous-kernel'
  | 'panic'
  | 'purgatory'
  | 'firmware'
  | 'hypervisor'
  | 'dma-copied'
  | 'dma-copy-failed'
  | 'dma-enabled-before'
  | 'dma-set-up'
  | 'interrupt-copied'
  | 'interrupt-copy-failed'
  | 'interrupt-enabled-before'
  | 'interrupt-set-up';

/** The signs that a message shows. */
export function signsOf(message: string): readonly Sign[] {
  return SIGNS.filter(([, is]) => is.test(message)).map(([sign]) => sign);
}

const SIGNS: readonly (readonly [Sign, RegExp])[] = [
  ['panic', /^Kernel panic - not syncing|^(?:SysRq : |sysrq: )(?:SysRq : )?Trigger a crash/i],
  ['purgatory', /I'm in purgatory/],
  ['firmware', /\bSeaBIOS \(|\biPXE\b|GNU GRUB|^Booting `/],
  ['hypervisor', /^Xen version \d/],
  [
    'crash-initramfs',
    /^(?:kdump(?:\.sh|-tools)?(?:\[\d{1,10}\])?: )?(?:kdump: )?(?:saving vmcore|saving to \/|dump saved)|The dumpfile is saved to/i,
  ],
  ['crashkernel', /^Reserving \d+MB of (?:low )?memory at \d+MB for crashkernel|^crashkernel reserved: /],
  [
    'previous-kernel',
    /^(?:DMAR: |DMAR-IR: |AMD-Vi: )?(?:Translation (?:is )?already enabled - trying to (?:copy|reuse)|(?:Copied|Reused|Failed to copy) (?:translation tables|IR table|DEV table) )/,
  ],
  ['dma-copied', /^(?:DMAR: |AMD-Vi: )?(?:Copied|Reused) (?:translation tables|DEV table) /],
  ['dma-copy-failed', /^(?:DMAR: |AMD-Vi: )?Failed to copy (?:translation tables|DEV table) /],
  ['dma-enabled-before', /^(?:DMAR: )?Translation was enabled for \S+ but we are not in/],
  [
    'dma-set-up',
    /^(?:DMAR: |PCI-DMA: )?Intel\(R\) Virtualization Technology for Directed I\/O|^AMD-Vi: .{0,20}IO\/TLB flushing/,
  ],
  ['interrupt-copied', /^(?:DMAR-IR: )?Copied IR table for /],
  ['interrupt-copy-failed', /^(?:DMAR-IR: )?Failed to copy IR table for /],
  ['interrupt-enabled-before', /^(?:DMAR-IR: )?IRQ remapping was enabled on \S+ but we are not in/],
  ['interrupt-set-up', /^(?:DMAR-IR: )?Enabled IRQ remapping in|^AMD-Vi: Interrupt remapping enabled/],
];
