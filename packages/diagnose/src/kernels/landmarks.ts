import type { BootPhase } from '../diagnosis.ts';

/** A line that tells which part of a kernel's life begins. */
interface Landmark {
  readonly phase: BootPhase;
  readonly words: readonly string[];
  readonly is: RegExp;
  /** The phase begins behind the line, not with it. */
  readonly after?: true;
}

const landmarks: readonly Landmark[] = [
  {
    phase: 'before-dma-remapping',
    words: ['IRQ remapping in', 'Enabled Interrupt-remapping'],
    is: /^(?:DMAR-IR: )?Enabled (?:IRQ remapping in|Interrupt-remapping)/,
    after: true,
  },
  // DMAR-IR exists since 4.2; before it the lines of interrupt remapping have no prefix.
  {
    phase: 'interrupt-remapping-setup',
    words: ['DMAR-IR: ', 'IOAPIC id '],
    is: /^(?:DMAR-IR: |IOAPIC id \d+ under DRHD base)/,
  },
  {
    phase: 'dma-remapping-setup',
    words: [
      'No RMRR found',
      'No ATSR found',
      'No SATC found',
      'Using Queued invalidation',
      'Using Register based',
      'Translation already',
      'Translation was enabled',
      'Translation is already',
      'Setting RMRR',
      'Setting identity map',
      'Setting 1:1',
      'Found IOMMU at',
    ],
    is: /No (?:RMRR|ATSR|SATC) found|Using (?:Queued|Register based) invalidation|Translation (?:already|was|is already) enabled|Setting (?:RMRR|identity map|1:1)|AMD-Vi: Found IOMMU at/,
  },
  {
    phase: 'drivers',
    words: [
      'for Directed I/O',
      'Lazy IO/TLB flushing',
      'TLB flushing',
      'Serial: 8250',
      'software bounce buffering',
    ],
    is: /Intel\(R\) Virtualization Technology for Directed I\/O|AMD-Vi: .{0,20}(?:IO\/TLB flushing|Virtual APIC)|^Serial: 8250|^PCI-DMA: Using software bounce buffering/,
    after: true,
  },
  {
    phase: 'running',
    words: ['as init process', 'Freeing unused kernel', 'running in system mode'],
    is: /^(?:Run \S+ as init process|Freeing unused kernel|systemd\[1\]: systemd \S+ running in|systemd \S+ running in)/,
  },
  {
    phase: 'crash',
    words: ['Kernel panic', 'rigger a crash'],
    is: /^(?:Kernel panic - not syncing|(?:SysRq : |sysrq: )(?:SysRq : )?Trigger a crash)/i,
  },
];

const ORDER: readonly BootPhase[] = [
  'unknown',
  'early-boot',
  'interrupt-remapping-setup',
  'before-dma-remapping',
  'dma-remapping-setup',
  'drivers',
  'running',
  'crash',
];

/** Words of the lines that part kernels and their phases. */
export const landmarkWords: readonly string[] = [
  ...landmarks.flatMap((one) => one.words),
  ...[
    'Linux version ',
    'ommand line: ',
    'BOOT_IMAGE=',
    'Decompressing Linux',
    'early console in',
    'EFI stub: ',
  ],
  ...[
    'SeaBIOS',
    'iPXE',
    'GNU GRUB',
    'Booting `',
    '-- Boot ',
    '-- Reboot',
    'saving vmcore',
    'in purgatory',
    'Xen version ',
    'ainted',
    '[    0.0',
    'crashkernel',
  ],
  'elfcorehdr',
];

/** The phase that a message begins, and whether it begins behind it; undefined where it tells nothing. */
export function phaseOf(message: string): { readonly phase: BootPhase; readonly after: boolean } | undefined {
  const found = landmarks.find(
    (one) => one.words.some((word) => message.includes(word)) && one.is.test(message),
  );
  return found === undefined ? undefined : { phase: found.phase, after: found.after === true };
}

/** True if a kernel that is in `phase` can come to `next`: phases follow each other in one order. */
export function follows(next: BootPhase, phase: BootPhase): boolean {
  return ORDER.indexOf(next) > ORDER.indexOf(phase);
}
