import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { Diagnosis, LikelyCause } from '../diagnosis.ts';
import causeData from './causes.json' with { type: 'json' };
import { rankCauses } from './rank-causes.ts';

const first = (release: string): string => `[    0.000000] Linux version ${release} (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 intel_iommu=on crashkernel=256M
[    0.100000] DMAR-IR: Enabled IRQ remapping in xapic mode
[    1.400000] DMAR: Intel(R) Virtualization Technology for Directed I/O
[    2.000000] Run /init as init process
[  900.000000] sysrq: Trigger a crash
[  900.000001] Kernel panic - not syncing: sysrq triggered crash
`;
const crash = (
  release: string,
  options = 'reset_devices',
): string => `[    0.000000] Linux version ${release} (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 intel_iommu=on nr_cpus=1 elfcorehdr=0x2e000000 ${options}
[    0.100000] DMAR: Host address width 39
`;
const copied = `[    0.200000] DMAR-IR: Copied IR table for dmar0 from previous kernel
[    0.210000] DMAR-IR: Enabled IRQ remapping in xapic mode
[    1.300000] DMAR: dmar0: Using Queued invalidation
[    1.300001] DMAR: Translation already enabled - trying to copy translation structures
[    1.310000] DMAR: Copied translation tables from previous kernel for dmar0
[    1.400000] DMAR: Intel(R) Virtualization Technology for Directed I/O
`;
const running = '[    2.000000] Run /init as init process\n';
const dma = (requester: string, address: string, reason: string, at = 1.5, kind = 'Write'): string =>
  `[${at.toFixed(6).padStart(12)}] DMAR: [DMA ${kind} NO_PASID] Request device [${requester}] fault addr 0x${address} [fault reason ${reason}\n`;
const NO_WRITE = '0x05] PTE Write access is not set';
const NO_READ = '0x06] PTE Read access is not set';
const NO_ROOT = '0x01] Present bit in root entry is clear';
const NO_CONTEXT = '0x02] Present bit in context entry is clear';
const intr = (requester: string, index: string, reason: string, at = 0.3): string =>
  `[${at.toFixed(6).padStart(12)}] DMAR: [INTR-REMAP] Request device [${requester}] fault index 0x${index} [fault reason ${reason}\n`;
const OLD_FORMAT = '0x25] Blocked a compatibility format interrupt request';

function diagnosisOf(log: string): Diagnosis {
  return diagnoseText(log, { file: 'test.log' });
}

function cause(log: string, id: string): LikelyCause | undefined {
  return rankCauses(diagnosisOf(log)).find((one) => one.id === id);
}

/** A log for each cause, which has to be the first one, or the one at that place. */
const table: readonly (readonly [id: string, log: string, place?: number])[] = [
  [
    'tables-rebuilt-under-dma',
    `${first('3.2.0')}${crash('3.2.0')}[    1.400000] dmar: DRHD: handling fault status reg 2
[    1.400001] dmar: DMAR:[DMA Write] Request device [04:00.0] fault addr fff69000
[    1.400001] DMAR:[fault reason 01] Present bit in root entry is clear
`,
  ],
  [
    'raw-addresses',
    `${crash('6.1.0', 'intel_iommu=off')}[    3.000000] NMI: PCI system error (SERR) for reason a1 on CPU 0.\n`,
    1,
  ],
  [
    'copy-failed',
    `${crash('6.1.0')}[    1.300000] DMAR: Translation already enabled - trying to copy translation structures
[    1.300000] DMAR: Failed to copy translation tables from previous kernel for dmar0\n`,
  ],
  [
    'mode-mismatch',
    `${first('6.1.0').replace('intel_iommu=on', 'intel_iommu=on,sm_on')}${crash('6.1.0', 'intel_iommu=on,sm_off')}[    1.300000] DMAR: Failed to copy translation tables from previous kernel for dmar0\n`,
    1,
  ],
  [
    'upper-context-table-lost',
    crash('6.1.187', 'intel_iommu=on,sm_on') +
      copied +
      dma('82:14.0', 'fffe0000', '0x39] SM: Present bit in Root Entry is clear') +
      dma('82:1f.6', 'fffd0000', '0x39] SM: Present bit in Root Entry is clear'),
  ],
  [
    'bus-not-copied',
    crash('5.10.0') + copied + dma('82:00.0', 'fffe0000', NO_ROOT) + dma('82:01.0', 'fffe1000', NO_ROOT),
  ],
  ['not-quiet-at-attach', crash('6.1.192') + copied + dma('00:1b.0', 'fffe0000', NO_READ, 1.7, 'Read')],
  [
    'stale-translation-after-attach',
    crash('4.8.0') + copied + dma('00:1b.0', 'fffe0000', NO_READ, 1.7, 'Read'),
    1,
  ],
  [
    'old-tables-overwritten',
    crash('6.1.192') + copied + dma('03:00.0', 'fffe1000', '0x07] Next page table ptr is invalid'),
  ],
  [
    'device-tlb-outlives-tables',
    crash('6.1.192') +
      copied +
      dma('03:00.0', 'fffe1000', '0x0d] PCE for translation request specifies blocking'),
  ],
  [
    'undriven-device-goes-on',
    crash('3.2.0') +
      running +
      dma('04:00.0', 'fff69000', NO_CONTEXT, 3) +
      dma('04:00.0', 'fff69000', NO_CONTEXT, 60),
    1,
  ],
  [
    'stale-interrupts',
    `${crash('3.2.0')}[    0.200000] Enabled IRQ remapping in xapic mode\n${intr('04:00.0', '22', '0x22] Present field in the IRTE entry is clear')}`,
  ],
  [
    'timer-check-panic',
    `${first('6.1.192')}${crash('6.1.192')}[    0.318530] Kernel panic - not syncing: timer doesn't work through Interrupt-remapped IO-APIC\n`,
  ],
  [
    'interrupt-storm',
    `${crash('6.1.192')}${copied}${dma('04:00.0', 'fffe0000', NO_CONTEXT, 1.5)}[    7.000000] dmar_fault: 90000 callbacks suppressed
[   30.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [systemd-udevd:99]\n`,
    1,
  ],
  ['message-not-remapped', `${running}${intr('42:00.2', '1600', OLD_FORMAT, 500)}`],
  [
    'vmd-messages-bypassed',
    `[    0.000000] Linux version 5.14.0 (builder@host) #1 SMP
[   17.560000] WARNING: CPU: 0 PID: 1546 at arch/x86/kernel/apic/apic.c:2541 __irq_msi_compose_msg+0x9f/0xb0
${intr('64:00.5', '8800', OLD_FORMAT, 58)}`,
  ],
  ['io-apic-in-old-format', intr('f0:1f.0', '0', OLD_FORMAT, 0.05)],
  [
    'interrupt-source-mismatch',
    intr('04:00.0', '3b', '0x26] Blocked an interrupt request due to source-id verification failure', 80),
  ],
  [
    'system-error',
    `${crash('6.1.192')}${dma('04:00.0', 'fffe0000', NO_CONTEXT)}[    1.600000] NMI: PCI system error (SERR) for reason a1 on CPU 0.\n`,
  ],
  [
    'hang-at-reboot',
    `${crash('5.10.0')}${copied}${running}[   20.000000] kdump: saving vmcore complete
[   21.000000] NMI: PCI system error (SERR) for reason a1 on CPU 0.\n`,
    2,
  ],
  [
    'unlisted-firmware-memory',
    [1.5, 23, 44, 64].map((at) => dma('05:00.0', '69974000', NO_WRITE, at)).join(''),
  ],
  [
    'firmware-bug-rmrr',
    `[    0.100000] DMAR: RMRR base: 0x0000009d800000 end: 0x0000009fffffff
[    0.100001] DMAR: [Firmware Bug]: No firmware reserved region can cover this RMRR [0x000000009d800000-0x000000009fffffff], contact BIOS vendor for fixes
${dma('00:14.0', '9d900000', NO_CONTEXT, 280)}`,
  ],
  ['hidden-function', dma('00:16.7', '9cdff000', NO_CONTEXT, 279)],
  ['graphics-unmapped', dma('00:02.0', '7cd80000', NO_ROOT, 0.36, 'Read')],
  [
    'left-on-before-this-kernel',
    `[    0.000000] Linux version 6.1.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1
[    1.300000] DMAR: Translation was enabled for dmar0 but we are not in kdump mode\n`,
  ],
  ['wrong-requester-id', dma('09:00.1', 'fff00000', NO_CONTEXT, 12, 'Read')],
  ['use-after-unmap', dma('04:00.0', 'fffca000', NO_READ, 700, 'Read')],
  ['untranslated-address', dma('01:00.0', '41a6aa000', NO_ROOT, 8, 'Read')],
  ['address-zero', dma('00:12.0', '0', NO_WRITE, 10_672)],
  [
    'hot-unplug',
    `[  182.241857] pci 0000:03:00.0: Removing from iommu group 1\n${dma('03:00.0', '4b822000', NO_CONTEXT, 182.25)}`,
  ],
  [
    'pass-through',
    `[  200.000000] vfio-pci 0000:03:00.0: enabling device (0000 -> 0003)\n${dma('03:00.0', '4b822000', NO_WRITE, 300)}`,
  ],
  [
    'driver-misuses-iommu',
    `[148794.896405] kernel BUG at drivers/iommu/intel-iommu.c:667!\n${dma('02:00.0', 'ffffc030b000', NO_READ, 148_795)}`,
  ],
  [
    'superpages-not-supported',
    dma('05:00.0', 'ffe00000', '0x0c] non-zero reserved fields in PTE', 39, 'Read'),
  ],
  [
    'first-kernel-at-run-time',
    first('6.1.0').replace('[  900.000000]', `${dma('04:00.0', 'fffca000', NO_READ, 700)}[  900.000000]`) +
      crash('6.1.0') +
      copied,
    1,
  ],
  [
    'out-of-memory',
    `${crash('6.1.192')}${copied}${running}[    9.000000] Out of memory: Killed process 99 (makedumpfile)\n`,
  ],
  [
    'driver-needs-reset',
    `${crash('6.1.192', '')}${copied}[    3.000000] iwlwifi: probe of 0000:03:00.0 failed with error -22\n`,
  ],
  [
    'reserved-region-not-mapped',
    `[    0.100000] DMAR: RMRR base: 0x0000009d800000 end: 0x0000009fffffff
[    0.100001] DMAR: No ATSR found
${dma('03:00.0', '9d900000', NO_WRITE, 0.9)}`,
  ],
  [
    'device-lost-after-reset',
    `${crash('6.1.192')}${copied}[    3.000000] e1000e 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible\n`,
  ],
  [
    'group-attach-refused',
    `${crash('5.11.0')}${copied}[    3.000000] e1000e: probe of 0000:01:00.0 failed with error -22\n`,
  ],
  [
    'stops-without-a-word',
    `${first('3.2.0')}${crash('3.2.0')}[    0.300000] IOAPIC id 8 under DRHD base 0xfed90000\n`,
  ],
  [
    'dump-target-unreachable',
    `${crash('6.1.192')}${copied}${running}[    9.000000] kdump: saving vmcore failed\n`,
  ],
  ['invalidation-not-answered', `${running}[  300.000000] DMAR: DRHD: handling fault status reg 40\n`],
  ['stray-address', dma('04:00.0', 'ffff888012345000', '0x04] Access beyond MGAW', 30)],
  [
    'address-space-gone',
    `[   30.000000] DMAR: [DMA Write PASID 0x1] Request device [6a:01.0] fault addr 0x7f0000000000 [fault reason 0x59] SM: Present bit in PASID Table Entry is clear\n`,
  ],
  ['tables-freed-under-device', dma('03:00.0', 'fffca000', '0x07] Next page table ptr is invalid', 300)],
  ['interrupt-after-free', intr('04:00.0', '22', '0x22] Present field in the IRTE entry is clear', 300)],
  ['unit-malfunctions', `${first('6.1.0').slice(0, 60)}\n[    1.000000] DMAR hardware is malfunctioning\n`],
  [
    'amd-page-fault',
    `[   20.000000] AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x0014 address=0xfffe0000 flags=0x0050]\n`,
  ],
  [
    'amd-device-table',
    `[   20.000000] AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=02:00.0 address=0xfffe0000 flags=0x0050]\n`,
  ],
  [
    'amd-completion-wait',
    `[    0.000000] Linux version 6.11.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 reset_devices elfcorehdr=0x2e000000
[    1.679835] AMD-Vi: Translation is already enabled - trying to copy translation structures
[    1.689363] AMD-Vi: Copied DEV table from previous kernel.
[    1.864369] AMD-Vi: Completion-Wait loop timed out\n`,
  ],
  [
    'amd-invalidation-timeout',
    `[   20.000000] AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=02:00.0 address=0x000000010a0d2d80]\n`,
  ],
  [
    'smmu-refuses',
    `[    0.000000] Linux version 6.1.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 elfcorehdr=0x2e000000
[    1.500000] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
[    1.500001] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020000000010
[    1.500002] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020000000000
[    1.500003] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x00000000fffe0000
[    1.500004] arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000000000000000\n`,
  ],
  [
    'old-smmu-refuses',
    `[    0.000000] Linux version 6.1.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 elfcorehdr=0x2e000000
[    1.500000] arm-smmu 5000000.iommu: Blocked unknown Stream ID 0x828; boot with "arm-smmu.disable_bypass=0" to allow, but this may have security implications
[    1.500001] arm-smmu 5000000.iommu: \tGFSR 0x00000002, GFSYNR0 0x00000002, GFSYNR1 0x00000828, GFSYNR2 0x00000000\n`,
  ],
  ['platform-unit-refuses', `[    9.500000] virtio_iommu virtio1: page fault from EP 8 at 0xfffff000 [W]\n`],
  [
    'endpoint-isolated',
    `[    0.000000] Linux version 6.1.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 elfcorehdr=0x2e000000
[   25.661962] EEH: Recovering PHB#2-PE#fd
[   25.662097] EEH: Frozen PHB#2-PE#fd detected\n`,
  ],
  [
    'xen-fault',
    `(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:65:00.0] fault addr 1200000000
(XEN) [VT-D]DMAR: reason 05 - PTE Write access is not set\n`,
  ],
];

describe('likely causes', () => {
  it.each(table.map(([id, log, place = 0]) => ({ id, log, place })))('$id', ({ id, log, place }) => {
    const causes = rankCauses(diagnosisOf(log));
    const shown = causes.map((one) => `${one.fit} ${one.id}`);
    expect(
      shown.slice(0, place + 1).some((one) => one.endsWith(` ${id}`)),
      shown.join(', '),
    ).toBe(true);
    const lines = log.split('\n').length;
    for (const one of causes) {
      expect(one.fit).toBeGreaterThan(0);
      expect(one.fit).toBeLessThanOrEqual(1);
      expect(one.seen.length).toBeGreaterThan(0);
      for (const line of one.lines) expect(line).toBeLessThanOrEqual(lines);
    }
  });

  it('each have a log that shows them here, but those that only a capture shows', () => {
    const shown = new Set(table.map(([id]) => id));
    const rest = causeData.causes.map((one) => one.id).filter((id) => !shown.has(id));
    expect(rest).toEqual(['bridge-alias']);
  });

  it('are none where a log shows no trouble', () => {
    expect(rankCauses(diagnosisOf(first('6.1.192').split('\n').slice(0, 5).join('\n')))).toEqual([]);
    expect(rankCauses(diagnosisOf(crash('6.1.192') + copied + running))).toEqual([]);
    expect(rankCauses(diagnosisOf('nothing of a kernel\n'))).toEqual([]);
  });

  it('change with what contradicts them', () => {
    const flood = dma('04:00.0', 'fff69000', NO_WRITE);
    expect(cause(crash('3.2.0') + flood, 'tables-rebuilt-under-dma')?.fit).toBeGreaterThan(0.7);
    expect(cause(crash('6.1.192') + copied + flood, 'tables-rebuilt-under-dma')).toBeUndefined();
    expect(cause(first('3.2.0').slice(0, 300) + flood, 'tables-rebuilt-under-dma')).toBeUndefined();
    const upper = (release: string): number | undefined =>
      cause(
        crash(release) + copied + dma('82:14.0', 'fffe0000', '0x39] SM: Present bit in Root Entry is clear'),
        'upper-context-table-lost',
      )?.fit;
    expect(upper('6.12.107')).toBeGreaterThan(upper('6.12.117') as number);
    expect(upper('6.1.192')).toBeLessThan(0.4);
  });

  it('take the first MiB for what it is', () => {
    const [first] = rankCauses(diagnosisOf(dma('01:00.0', 'e8000', NO_READ, 12, 'Read')));
    expect(first?.id).toBe('unlisted-firmware-memory');
  });

  it('include interrupts to come where the table was not copied', () => {
    const log = `${crash('6.1.192')}[    0.200000] DMAR-IR: Failed to copy IR table for dmar0 from previous kernel\n`;
    expect(cause(log, 'stale-interrupts')?.fit).toBeGreaterThan(0.3);
  });

  it('stand once each, however many kernels show them', () => {
    const twice = `${crash('3.2.0')}${dma('04:00.0', 'fff69000', NO_WRITE)}`.repeat(3);
    const ids = rankCauses(diagnosisOf(twice)).map((one) => one.id);
    expect(ids.length).toBe(new Set(ids).size);
    const lines = cause(twice, 'tables-rebuilt-under-dma')?.lines ?? [];
    expect(lines).toEqual(expect.arrayContaining([4, 8, 12]));
  });

  it('name kernels by their ranges only', () => {
    const lines = cause(
      crash('3.10.0-1062.el7.x86_64') + dma('04:00.0', 'fff69000', NO_WRITE),
      'tables-rebuilt-under-dma',
    );
    const plain = cause(crash('3.10.0') + dma('04:00.0', 'fff69000', NO_WRITE), 'tables-rebuilt-under-dma');
    expect(lines?.fit).toBeLessThan(plain?.fit as number);
  });
});
