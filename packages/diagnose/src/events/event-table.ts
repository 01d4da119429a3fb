import type { LogEvent } from '../diagnosis.ts';

/** How an event of a log is recognised. */
export interface EventRow {
  readonly kind: LogEvent['kind'];
  /** One of them stands in every such line; four characters at least. */
  readonly words: readonly string[];
  /** What the message must look like. */
  readonly is: RegExp;
}

/** The first row that fits names the event. */
export const eventTable: readonly EventRow[] = [
  { kind: 'fault-status', words: ['handling fault status'], is: /handling fault status reg [0-9a-f]{1,8}/i },
  {
    kind: 'suppressed',
    words: ['suppressed'],
    is: /^(?:dmar_fault|iommu_print_event|amd_iommu\w{0,40}|arm_smmu\w{0,40}): \d{1,10} (?:callbacks|output lines) suppressed/,
  },
  // Mails wrap these lines; what is left of them still tells. Who writes about them does not begin with them.
  {
    kind: 'tables-copied',
    words: ['Copied translation tables', 'Copied DEV table', 'Reused DEV table'],
    is: /^(?:DMAR: |AMD-Vi: )?(?:Copied|Reused) (?:translation tables|DEV table) /,
  },
  {
    kind: 'tables-copy-failed',
    words: ['Failed to copy '],
    is: /^(?:DMAR: |AMD-Vi: )?Failed to copy (?:translation tables|DEV table) /,
  },
  { kind: 'interrupt-table-copied', words: ['Copied IR table'], is: /^(?:DMAR-IR: )?Copied IR table for / },
  {
    kind: 'interrupt-table-copy-failed',
    words: ['Failed to copy '],
    is: /^(?:DMAR-IR: )?Failed to copy IR table for /,
  },
  {
    kind: 'enabled-but-not-kdump',
    words: ['but we are not in'],
    is: /^(?:DMAR: |DMAR-IR: )?(?:Translation|IRQ remapping) was enabled (?:for|on) \S+ but we are not in/,
  },
  {
    kind: 'firmware-bug',
    words: ['Firmware Bug', 'BIOS is broken'],
    is: /(?:DMAR|RMRR|IOMMU|AMD-Vi|IVRS|ANDD).{0,40}(?:Firmware Bug|BIOS is broken)|(?:Firmware Bug|BIOS is broken).{0,80}(?:DMAR|RMRR|IOMMU|AMD-Vi|IVRS|ANDD)/,
  },
  {
    kind: 'hardware-malfunction',
    words: [
      'is malfunctioning',
      'Completion-Wait loop',
      'IOTLB_INV_TIMEOUT',
      'ILLEGAL_COMMAND_ERROR',
      'COMMAND_HARDWARE_ERROR',
      'VT-d detected',
      'CMD_SYNC timeout',
    ],
    is: /DMAR hardware is malfunctioning|Completion-Wait loop timed out|Event logged \[(?:IOTLB_INV_TIMEOUT|ILLEGAL_COMMAND_ERROR|COMMAND_HARDWARE_ERROR)|VT-d detected Invalidation|arm-smmu\S* .{0,60}CMD_SYNC timeout/,
  },
  {
    kind: 'device-dump',
    words: [
      'table entries for IOVA',
      'root entry: ',
      'context entry: ',
      'pasid dir entry',
      'pasid table entry',
      'pte level',
      'PTE not present',
      'not probed',
      'root table ',
      'context table ',
      'pasid table ',
      'pasid directory ',
      'page table is ',
    ],
    is: /^(?:DMAR: )?(?:(?:(?:scalable mode )?(?:root|page)|context|pasid(?: dir(?:ectory)?)?)(?: table)?(?: entry)? is not present|Dump \S{1,20} table entries for IOVA|(?:scalable mode )?root entry: |context entry: hi|pasid dir entry: |pasid table entry\[|pte level: \d|PTE not present at level|device \[[0-9a-f:.]+\] not probed)/,
  },
  {
    kind: 'system-error',
    words: [
      '(SERR)',
      'NMI received',
      'Dazed and confused',
      'NMI: Not continuing',
      'IOCK error',
      '[Hardware Error]: ',
    ],
    is: /PCI system error \(SERR\)|NMI received for unknown reason|Dazed and confused|NMI: Not continuing|NMI: IOCK error|\[Hardware Error\]: (?:CPU \d|Hardware error from|event severity|Machine check|TSC|RIP)/,
  },
  {
    kind: 'isolated',
    words: ['EEH: F', 'EEH: Recovering', 'EEH: PHB', 'PCI function 0x'],
    is: /^(?:EEH: (?:Frozen (?:PHB#[0-9a-f]{1,4}-PE#[0-9a-f]{1,8}|PE#[0-9a-f]{1,8} on PHB#[0-9a-f]{1,4}) detected|Fenced PHB#|PHB#[0-9a-f]{1,4} failure detected|Recovering PHB#)|(?:zpci: )?(?:n\/a|[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]): Event 0x[0-9a-f]{1,4} reports an error for PCI function)/i,
  },
  {
    kind: 'aer',
    words: ['AER: ', 'PCIe Bus Error', 'DPC: '],
    is: /AER: (?:Multiple )?(?:Corrected|Correctable|Uncorrected|Uncorrectable|Fatal|device recovery|can't recover|subordinate)|PCIe Bus Error: severity=|DPC: (?:containment event|unmasked uncorrectable|error containment)/,
  },
  {
    kind: 'timer-check-failed',
    words: ["timer doesn't work"],
    is: /timer doesn't work(?:!| through)/,
  },
  {
    kind: 'panic',
    words: ['Kernel panic', 'rigger a crash'],
    is: /^(?:Kernel panic - not syncing|SysRq : Trigger a crash|sysrq: (?:SysRq : )?Trigger a crash)/i,
  },
  {
    kind: 'hang',
    words: ['soft lockup', 'hard LOCKUP', 'detected stall', 'self-detected stall', 'blocked for more than'],
    is: /soft lockup - CPU|hard LOCKUP|rcu\S* .{0,30}detected stall|task \S+ blocked for more than \d+ seconds/,
  },
  {
    kind: 'out-of-memory',
    words: ['Out of memory', 'oom-killer', 'page allocation failure', 'Cannot allocate memory'],
    is: /Out of memory(?::| and)|invoked oom-killer|page allocation failure|Cannot allocate memory/,
  },
  {
    kind: 'dump-saved',
    words: ['saving vmcore complete', 'dumpfile is saved', 'saved vmcore', 'akedumpfile Completed'],
    is: /saving vmcore complete|dumpfile is saved to|saved vmcore in|makedumpfile Completed/i,
  },
  {
    kind: 'dump-failed',
    words: [
      'saving vmcore failed',
      'ailed to dump vmcore',
      'akedumpfile Failed',
      'akedumpfile failed',
      'Starting kdump: [FAILED]',
      'Failed to start Crash recovery',
      'crashkernel reservation failed',
      'vmcore not initialized',
      'Entering emergency mode',
      'Could not boot',
    ],
    is: /saving vmcore failed|ailed to dump vmcore|makedumpfile failed|Starting kdump: \[FAILED\]|Failed to start Crash recovery|crashkernel reservation failed|vmcore not initialized|Entering emergency mode|dracut.{0,20}Could not boot/i,
  },
  {
    kind: 'kernel-bug',
    words: [
      'kernel BUG at',
      'WARNING: CPU',
      'WARNING: at ',
      'general protection fault',
      'BUG: unable to',
      'Oops: ',
    ],
    is: /^(?:kernel BUG at |WARNING: CPU: \d|WARNING: at |(?:Oops: )?general protection fault|BUG: unable to handle|Oops: )/,
  },
  {
    kind: 'hot-unplug',
    words: ['Removing from iommu group', 'pciehp'],
    is: /Removing from iommu group|pciehp.{0,80}(?:Link Down|Card not present|removed)/,
  },
  {
    kind: 'pass-through',
    words: ['vfio-pci ', 'vfio_pci ', 'pciback', 'uio_pci_generic ', 'igb_uio '],
    is: /^(?:vfio-pci|vfio_pci|pciback|xen[-_]pciback|uio_pci_generic|igb_uio) (?:[0-9a-f]{4,5}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]:/i,
  },
];
