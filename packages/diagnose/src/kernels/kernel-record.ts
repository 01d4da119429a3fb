import type { BootPhase } from '../diagnosis.ts';
import { InventoryReader } from './inventory-reader.ts';

/** What has been learnt of one kernel so far. */
export class KernelRecord {
  readonly index: number;
  readonly firstLine: number;
  /** Why a kernel begins here. */
  readonly beginsBy: 'start' | 'banner' | 'firmware' | 'time' | 'command-line';
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
  readonly signs = new Map<Sign, number>();

  constructor(index: number, firstLine: number, beginsBy: KernelRecord['beginsBy']) {
    this.index = index;
    this.firstLine = firstLine;
    this.beginsBy = beginsBy;
    const phase =
      beginsBy === 'banner' || beginsBy === 'firmware' || beginsBy === 'command-line'
        ? 'early-boot'
        : 'unknown';
    this.phases = [{ phase, firstLine }];
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
    /saving vmcore|kdump(?:\.sh)?: (?:saving|dump)|dracut-kdump|kdump-capture|dumpfile is saved to/i,
  ],
  ['crashkernel', /^Reserving \d+MB of (?:low )?memory at \d+MB for crashkernel|^crashkernel reserved: /],
  [
    'previous-kernel',
    /trying to (?:copy|reuse) translation structures|(?:Copied|Failed to copy) (?:translation tables|IR table|DEV table)/,
  ],
  ['dma-copied', /Copied (?:translation tables|DEV table) from previous kernel|Reused DEV table/],
  ['dma-copy-failed', /Failed to copy (?:translation tables|DEV table)/],
  ['dma-enabled-before', /Translation was enabled for \S+ but we are not in kdump mode/],
  [
    'dma-set-up',
    /^(?:DMAR: |PCI-DMA: )?Intel\(R\) Virtualization Technology for Directed I\/O|AMD-Vi: .{0,20}IO\/TLB flushing/,
  ],
  ['interrupt-copied', /Copied IR table for/],
  ['interrupt-copy-failed', /Failed to copy IR table/],
  ['interrupt-enabled-before', /IRQ remapping was enabled on \S+ but we are not in kdump mode/],
  ['interrupt-set-up', /Enabled IRQ remapping in|AMD-Vi: Interrupt remapping enabled/],
];
