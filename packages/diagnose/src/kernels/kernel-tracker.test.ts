import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';

const banner = (release: string) =>
  `[    0.000000] Linux version ${release} (builder@host) (gcc (Debian 12.2.0-14) 12.2.0) #1 SMP`;
const commandLine = (text: string) => `[    0.000000] Command line: ${text}`;
const kernels = (...lines: readonly string[]) => diagnoseText(lines.join('\n'), { file: 'log' }).kernels;
const roles = (...lines: readonly string[]) =>
  kernels(...lines).map(({ role, firstLine, lastLine }) => `${role} ${firstLine}-${lastLine}`);

it('tells boots of a journal apart by their IDs, also where they lie beside each other', () => {
  const entry = (boot: string, seconds: number, message: string) =>
    JSON.stringify({
      _BOOT_ID: boot.repeat(32),
      _TRANSPORT: 'kernel',
      _SOURCE_MONOTONIC_TIMESTAMP: `${seconds * 1e6}`,
      MESSAGE: message,
    });
  const fault =
    'DMAR: [DMA Read] Request device [04:00.0] fault addr ca6d5000 [fault reason 06] PTE Read access is not set';
  const two = kernels(
    entry('a', 70, 'DMAR: No ATSR found'),
    entry('b', 80, 'usb 1-1: reset'),
    entry('b', 81, fault),
  );
  expect(two.map(({ role, firstLine, roleReason }) => [role, firstLine, roleReason])).toEqual([
    ['only', 1, expect.anything()],
    ['rebooted', 2, 'the journal says that it is another boot (line 2)'],
  ]);
  const beside = [
    entry('a', 0, 'Linux version 6.1.0'),
    entry('b', 0, 'Linux version 6.2.0'),
    entry('a', 9, fault),
  ];
  const { kernels: found, faults } = diagnoseText(beside.join('\n'), { file: 'log' });
  expect(found.map((kernel) => kernel.release)).toEqual(['6.1.0', '6.2.0']);
  expect(faults.first.map((one) => one.kernel)).toEqual([0]);
  // The clock of a boot may be behind: a journal is in the order in which entries came.
  expect(kernels(entry('a', 30, 'x'), entry('a', 0, 'DMAR: No ATSR found'))).toHaveLength(1);
});

it('tells the kernel before a crash, the crash kernel, and the one after', () => {
  const seen = kernels(
    banner('6.1.0'),
    commandLine('root=/dev/sda1 crashkernel=256M'),
    '[  100.000000] Kernel panic - not syncing: sysrq triggered crash',
    banner('6.1.0'),
    commandLine('elfcorehdr=0x2e000000 nr_cpus=1 reset_devices'),
    '[    3.000000] kdump: saving vmcore complete',
    'SeaBIOS (version 1.16.2)',
    'Booting `Linux',
    banner('6.1.0'),
    commandLine('root=/dev/sda1 crashkernel=256M'),
    '[    9.000000] usb 1-1: reset by DMAR',
  );
  expect(seen.map((kernel) => [kernel.role, kernel.firstLine, kernel.lastLine])).toEqual([
    ['first', 1, 3],
    ['crash', 4, 6],
    ['rebooted', 7, 11],
  ]);
  expect(seen.map((kernel) => kernel.roleReason)).toEqual([
    'a crash kernel follows it, and it panicked (line 3)',
    'its command line has elfcorehdr= (line 5)',
    'firmware ran before it (line 7)',
  ]);
  expect(seen[0]?.phases.map((phase) => phase.phase)).toEqual(['early-boot', 'crash']);
});

it('sees a boot by the time alone', () => {
  expect(roles('[  500.000000] DMAR: x', '[  501.000000] DMAR: x', '[    0.300000] DMAR: x')).toEqual([
    'only 1-2',
    'rebooted 3-3',
  ]);
});

it('takes an earlier part of a log that stands later for the same kernel', () => {
  const seen = diagnoseText(
    ['May 30 17:35:46 host kernel: [  500.0] DMAR: x', 'May 30 17:27:46 host kernel: [    0.3] DMAR: x'].join(
      '\n',
    ),
    { file: 'log' },
  );
  expect(seen.kernels).toHaveLength(1);
  expect(seen.notes).toEqual([{ line: 2, message: expect.stringContaining('both clocks go back') }]);
});

it('takes /proc/version and banners that are printed twice for no boot', () => {
  expect(
    roles(banner('6.1.0'), banner('6.1.0'), '[  500.000000] DMAR: x', 'Linux version 6.1.0 (x) #1'),
  ).toEqual(['only 1-4']);
});

it('begins a kernel with what leads in to its banner', () => {
  expect(
    roles(
      '[  500.000000] DMAR: x',
      'early console in extract_kernel',
      'Decompressing Linux... done.',
      banner('6.1.0'),
    ),
  ).toEqual(['only 1-1', 'rebooted 2-4']);
});

it('parts boots where a journal does', () => {
  const line = (text: string) => `May 22 09:35:09 host kernel: ${text}`;
  expect(
    roles(
      line('DMAR: x'),
      '-- Boot 0123456789abcdef --',
      line('Linux version 6.1.0 (x) #1'),
      line('DMAR: x'),
    ),
  ).toEqual(['only 1-1', 'rebooted 2-4']);
});

it('takes a kernel as running by its time where no line says so', () => {
  const phases = (...lines: readonly string[]) => kernels(...lines)[0]?.phases.map((phase) => phase.phase);
  expect(phases('[   59.0] DMAR: x')).toEqual(['unknown']);
  expect(phases('[   60.0] DMAR: x')).toEqual(['unknown', 'running']);
  expect(phases(banner('6.1.0'), '[  299.0] DMAR: x')).toEqual(['early-boot']);
  expect(phases(banner('6.1.0'), '[  300.0] DMAR: x')).toEqual(['early-boot', 'running']);
});

it('leaves the words of a mail before a log out', () => {
  expect(
    roles('we use DMAR here', 'and crashkernel=', ...new Array(50).fill('words'), banner('6.1.0')),
  ).toEqual(['only 1-53']);
});

it('takes tables of an old crash kernel as rebuilt, and says why', () => {
  const [old] = kernels(
    banner('3.10.0'),
    commandLine('elfcorehdr=1M'),
    '[    0.100000] Enabled IRQ remapping in xapic mode',
    '[    1.000000] DMAR: Intel(R) Virtualization Technology for Directed I/O',
  );
  expect([old?.dmaTables, old?.interruptTables]).toEqual(['rebuilt', 'rebuilt']);
  expect(old?.roleReason).toContain('Linux 3.10.0 cannot copy');
  const [newer] = kernels(
    banner('5.10.0'),
    commandLine('elfcorehdr=1M'),
    '[    1.000000] DMAR: Intel(R) Virtualization Technology for Directed I/O',
  );
  expect([newer?.dmaTables, newer?.interruptTables]).toEqual(['fresh', 'unknown']);
});

it('says nothing of tables where an excerpt may lack the line', () => {
  const [kernel] = kernels('[    1.000000] DMAR: Intel(R) Virtualization Technology for Directed I/O');
  expect([kernel?.dmaTables, kernel?.interruptTables]).toEqual(['unknown', 'unknown']);
});

it('lets a failed copy outweigh one that went well', () => {
  const [kernel] = kernels(
    banner('6.1.0'),
    '[    1.0] DMAR: Copied translation tables from previous kernel for dmar0',
    '[    1.1] DMAR: Failed to copy translation tables from previous kernel for dmar1',
    '[    1.2] DMAR-IR: Copied IR table for dmar0 from previous kernel',
  );
  expect(kernel).toMatchObject({ role: 'crash', dmaTables: 'copy-failed', interruptTables: 'copied' });
});

it('bounds how many kernels there are', () => {
  const log = new Array(500).fill([banner('6.1.0'), '[    9.0] DMAR: x', '[   10.0] DMAR: x']).flat();
  const diagnosis = diagnoseText(log.join('\n'), { file: 'log' });
  expect(diagnosis.kernels).toHaveLength(64);
  expect(diagnosis.notes[0]?.message).toContain('more than 64 boots');
  expect(diagnosis.notes.length).toBeLessThanOrEqual(301);
});

it('lists the units, regions and interrupt controllers of a kernel', () => {
  const [kernel] = kernels(
    'DMAR: DRHD base: 0x000000fed90000 flags: 0x0',
    'DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 7e1ff0505e',
    'DMAR: DRHD base: 0x000000fed91000 flags: 0x1',
    'DMAR: RMRR base: 0x0000009c0f1000 end: 0x0000009c107fff',
    'DMAR-IR: IOAPIC id 2 under DRHD base  0xfed91000 IOMMU 1',
    'DMAR: No ATSR found',
  );
  expect(kernel?.inventory).toEqual({
    architecture: 'vt-d',
    units: [
      {
        name: 'dmar0',
        registerBase: 'fed90000',
        capability: '1c0000c40660462',
        extendedCapability: '7e1ff0505e',
        line: 2,
      },
      { name: 'dmar1', registerBase: 'fed91000', line: 3 },
    ],
    reservedRegions: [{ base: '9c0f1000', end: '9c107fff', line: 4 }],
    ioApics: [{ id: 2, unit: 'dmar1', line: 5 }],
    lines: [{ line: 6, text: 'DMAR: No ATSR found' }],
  });
});
