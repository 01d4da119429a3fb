import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import { eventRows } from './event-reader.ts';

/** A line of each kind, as kernels and their dump scripts write them. */
const lines: readonly (readonly [string, string, string?])[] = [
  ['fault-status', 'DMAR: DRHD: handling fault status reg 302'],
  ['suppressed', 'dmar_fault: 2474 callbacks suppressed'],
  ['tables-copied', 'DMAR: Copied translation tables from previous kernel for dmar0'],
  ['tables-copied', 'AMD-Vi: Copied DEV table from previous kernel.'],
  ['tables-copy-failed', 'DMAR: Failed to copy translation tables from previous kernel for dmar0'],
  ['interrupt-table-copied', 'DMAR-IR: Copied IR table for dmar0 from previous kernel'],
  ['interrupt-table-copy-failed', 'DMAR-IR: Failed to copy IR table for dmar0 from previous kernel'],
  ['interrupt-table-copied', 'DMAR-IR: Copied IR table for dmar0 from'],
  ['enabled-but-not-kdump', 'DMAR-IR: IRQ remapping was enabled on dmar6 but we are not in kdump mode'],
  ['firmware-bug', 'DMAR: [Firmware Bug]: RMRR entry for device 02:00.2 is broken - applying workaround'],
  ['hardware-malfunction', 'AMD-Vi: Completion-Wait loop timed out'],
  ['hardware-malfunction', 'DMAR: VT-d detected Invalidation Time-out Error: SID 300'],
  ['device-dump', 'DMAR: Dump dmar1 table entries for IOVA 0xfffff000'],
  ['device-dump', 'DMAR: PTE not present at level 2'],
  ['device-dump', 'DMAR: pasid directory entry is not present'],
  ['system-error', 'NMI: PCI system error (SERR) for reason a1 on CPU 0.'],
  ['isolated', 'EEH: Frozen PHB#40-PE#10000 detected'],
  ['isolated', 'EEH: Frozen PE#fd on PHB#2 detected'],
  ['isolated', 'zpci: 0001:00:00.0: Event 0x3a reports an error for PCI function 0x21', '0001:00:00.0'],
  ['aer', 'pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0', '0000:00:1c.0'],
  ['timer-check-failed', "Kernel panic - not syncing: timer doesn't work through Interrupt-remapped IO-APIC"],
  ['panic', 'Kernel panic - not syncing: sysrq triggered crash'],
  ['panic', 'SysRq : Trigger a crash'],
  ['driver-failure', 'thunderbolt: probe of 0000:05:00.0 failed with error -110', '0000:05:00.0'],
  ['driver-failure', 'e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:', '0000:00:19.0'],
  ['driver-failure', 'xhci_hcd 0000:04:00.0: Host halt failed, -110', '0000:04:00.0'],
  ['driver-failure', 'xhci_hcd 0000:00:14.0: WARNING: Host System Error', '0000:00:14.0'],
  ['driver-failure', 'xhci_hcd 0000:00:14.0: Timeout while waiting for setup device command', '0000:00:14.0'],
  ['driver-failure', 'ata1.00: failed to IDENTIFY (I/O error, err_mask=0x4)'],
  ['driver-failure', 'mpt3sas_cm0: fault_state(0x265d)!'],
  ['driver-failure', 'mpt2sas_cm0: message unit reset: FAILED'],
  ['driver-failure', 'mpt3sas_cm0: port enable: FAILED with timeout (timeout=300s)'],
  ['hang', 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/0:1:45]'],
  ['out-of-memory', 'Out of memory: Killed process 312 (makedumpfile)'],
  ['dump-saved', 'kdump: saving vmcore complete'],
  ['dump-failed', 'kdump: saving vmcore failed'],
  ['kernel-bug', 'kernel BUG at drivers/iommu/intel-iommu.c:667!'],
  ['hot-unplug', 'pci 0000:00:02.0: Removing from iommu group 1', '0000:00:02.0'],
  ['pass-through', 'vfio-pci 0000:01:00.0: enabling device (0000 -> 0003)', '0000:01:00.0'],
];

it.each(lines)('reads %s: %s', (kind, line, device) => {
  const { events } = diagnoseText(`[    9.500000] ${line}`, { file: 'log' });
  expect(events).toEqual([
    {
      ...{ kind, line: 1, kernel: 0, phase: expect.any(String), text: line, seconds: 9.5 },
      ...(device === undefined ? {} : { device }),
      ...(kind === 'suppressed' ? { count: 2474 } : {}),
    },
  ]);
});

it('has a line of each kind in its test', () => {
  expect(new Set(eventRows.map((row) => row.kind))).toEqual(new Set(lines.map(([kind]) => kind)));
});

it('takes usual lines for no event', () => {
  const usual = [
    'pcieport 0000:00:01.0: AER: enabled with IRQ 124',
    'pci 0000:82:00.0: BAR 9: failed to assign [mem size 0x01000000 64bit]',
    'iwlwifi 0000:84:00.0: Direct firmware load for iwlwifi-93.ucode failed with error -2',
    'Subject: crashkernel gets stuck at DMAR-IR: Copied IR table for dmar1 from previous kernel',
    'pr_info("Copied IR table for %s from previous kernel",',
    '* **2025**: Completion-Wait loop timed out',
    'In the end, when all of the other ways had been tried and we were at a loss, we saw it say Completion-Wait loop timed out',
    'net_ratelimit: 12 callbacks suppressed',
    'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
    'VFIO - User Level meta-driver version: 0.3',
  ];
  expect(diagnoseText(usual.join('\n'), { file: 'log' }).events).toEqual([]);
});

it('lists so many events of a kind, and counts the others', () => {
  const log = `${'DMAR: DRHD: handling fault status reg 2\n'.repeat(150)}dmar_fault: 7 callbacks suppressed`;
  const { events, notes, faults } = diagnoseText(log, { file: 'log' });
  expect(events).toHaveLength(101);
  expect(faults.suppressed).toBe(7);
  expect(notes).toEqual([
    { line: 151, message: '50 further events of the kind fault-status are not listed' },
  ]);
});

it('notes a fault that a console wrote into another message', () => {
  const line =
    '[    1.640000] DMAR: DRHD: handling fault status reg 3000] DMAR: [DMA Write NO_PASID] Request device [07:00.0] fault addr 0xffff0000 [fault reason 0x05] PTE Write access is not set';
  const { faults, events, notes } = diagnoseText(line, { file: 'console' });
  expect([faults.dma, events.map((one) => one.kind)]).toEqual([0, ['fault-status']]);
  expect(notes.map((one) => [one.line, /cannot be read/.test(one.message)])).toEqual([[1, true]]);
});
