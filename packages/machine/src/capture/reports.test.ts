import { describe, expect, it } from 'vitest';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';
import { filesOf, parseCaptureBundle } from './parse-capture-bundle.ts';
import { recogniseFile } from './recognise-file.ts';

/** Rows of a config space of 64 bytes. */
function rows(bytes: Readonly<Record<number, number>>): string {
  const all = Array.from({ length: 64 }, (_, at) => (bytes[at] ?? 0).toString(16).padStart(2, '0'));
  return [0, 16, 32, 48]
    .map((at) => `${at.toString(16).padStart(2, '0')}: ${all.slice(at, at + 16).join(' ')}`)
    .join('\n');
}

const intel = { 0: 0x86, 1: 0x80 };
const hostBridge = { ...intel, 2: 0xc0, 3: 0x29, 10: 0x00, 11: 0x06 };
const port = { ...intel, 2: 0x10, 3: 0x7a, 10: 0x04, 11: 0x06, 14: 1, 25: 1, 26: 1 };
const card = { ...intel, 2: 0xd3, 3: 0x10, 11: 0x02 };
const lspci = [
  `00:00.0 Host bridge [0600]: Intel Corporation Device [8086:29c0]\n${rows(hostBridge)}\n`,
  `00:01.0 PCI bridge [0604]: Intel Corporation Device [8086:7a10]\n${rows(port)}\n`,
  `01:00.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3]\n\tKernel driver in use: e1000e\n${rows(card)}\n`,
].join('\n');
const iomem =
  '00000000-00000fff : Reserved\n00100000-3fffffff : System RAM\n  2e000000-3dffffff : Crash kernel\n';
const log = [
  '[    0.000000] Linux version 5.15.0-91-generic (b@h) (gcc) #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023',
  '[    0.000000] Command line: root=/dev/sda1 ro crashkernel=256M intel_iommu=on',
  '[    0.010000] DMAR: DRHD base: 0x000000fed90000 flags: 0x1',
  '[    0.010001] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c222f0606 ecap f00f4a',
  '[    0.500000] pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000',
  '[    0.500001] pci 0000:00:01.0: [8086:7a10] type 01 class 0x060400',
  '[    0.500002] pci 0000:01:00.0: [8086:10d3] type 00 class 0x020000',
].join('\n');

describe('a sos report', () => {
  const root = 'sosreport-host-2024-01-01-abcdef';
  const files: CapturedFile[] = [
    { path: `${root}/sos_commands/pci/lspci_-nnvv`, content: lspci },
    {
      path: `${root}/sos_commands/pci/lspci_-tv`,
      content: '-[0000:00]-+-00.0  Host\n           \\-01.0-[01]----00.0  Card\n',
    },
    { path: `${root}/lspci`, content: '', link: 'sos_commands/pci/lspci_-nnvv' },
    { path: `${root}/sos_commands/kernel/dmesg`, content: log },
    {
      path: `${root}/sos_commands/kernel/uname_-a`,
      content: 'Linux host 5.15.0-91-generic #101-Ubuntu SMP Tue Nov 14 x86_64\n',
    },
    { path: `${root}/proc/cmdline`, content: 'root=/dev/sda1 ro crashkernel=256M intel_iommu=on\n' },
    { path: `${root}/proc/iomem`, content: iomem },
    {
      path: `${root}/proc/bus/pci/01/00.0`,
      content: Uint8Array.from({ length: 64 }, (_, at) => card[at as keyof typeof card] ?? 0),
    },
    { path: `${root}/etc/kdump.conf`, content: 'ssh kdump@dumps\npath /srv\n' },
    {
      path: `${root}/etc/sysconfig/kdump`,
      content: 'KDUMP_COMMANDLINE_REMOVE="quiet"\nKDUMP_COMMANDLINE_APPEND="nr_cpus=1 reset_devices"\n',
    },
    { path: `${root}/sys/kernel/kexec_crash_loaded`, content: '1\n' },
    { path: `${root}/sys/kernel/kexec_crash_size`, content: '268435456\n' },
    {
      path: `${root}/sys/kernel/iommu_groups/7/devices/0000:01:00.0`,
      content: '',
      link: '../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0',
    },
    { path: `${root}/sos_commands/date/date`, content: 'Mon Jan  1 00:00:00 UTC 2024\n' },
  ];

  it('gives one machine and what ran on it', () => {
    const { machine, host, conflicts, notes } = importCapture(files, { name: 'host' });
    expect(machine?.functions.map((one) => one.name)).toEqual([
      '0000:00:00.0',
      '0000:00:01.0',
      '0000:01:00.0',
    ]);
    expect(machine?.units).toMatchObject([{ registerBase: 0xfed9_0000, capability: '00d2008c222f0606' }]);
    expect(conflicts).toEqual([]);
    expect(host).toMatchObject({
      platform: { value: 'intel-vt-d', file: `${root}/sos_commands/kernel/dmesg`, line: 3 },
      kernelRelease: { value: '5.15.0-91-generic', file: `${root}/sos_commands/kernel/uname_-a`, line: 1 },
      commandLine: { file: `${root}/proc/cmdline`, line: 1 },
      crashCommandLine: { value: 'ro intel_iommu=on nr_cpus=1 reset_devices', line: 2 },
      crashKernelLoaded: { value: true, file: `${root}/sys/kernel/kexec_crash_loaded` },
      crashKernelBytes: { value: 0x1000_0000, file: `${root}/sys/kernel/kexec_crash_size` },
      dumpDestination: { value: 'ssh kdump@dumps /srv', line: 1 },
      drivers: { '0000:01:00.0': { value: 'e1000e' } },
      iommuGroups: { '0000:01:00.0': { value: 7 } },
    });
    expect(notes.filter(({ message }) => !/remapping unit|disk controller/.test(message))).toEqual([]);
  });

  it('lists what it has no use for', () => {
    const { sources } = importCapture(files, { name: 'host' });
    const unknown = sources.filter(({ kind }) => kind === 'unknown').map(({ file }) => file);
    expect(unknown).toEqual([`${root}/lspci`, `${root}/sos_commands/date/date`]);
  });
});

describe('a report of nvidia-bug-report.sh', () => {
  const rule = `${'_'.repeat(44)}\n`;
  const text = [
    `${rule}\nStart of NVIDIA bug report log file.\n`,
    `*** /proc/cmdline\n*** ls: -r--r--r-- 1 root root 0 Jan  1 00:00 /proc/cmdline\nro quiet\n`,
    `*** /proc/iomem\n${iomem}`,
    `/usr/bin/lspci -nnDvvvxxxx\n\n${lspci.replace(/^(?=[0-9a-f]{2}:[0-9a-f]{2}\.)/gm, '0000:')}`,
    `dmesg:\n\n${log}\n`,
    '/usr/bin/nvidia-smi --query\n\nGPU 0000:01:00.0\n',
  ].join(`\n${rule}\n`); // each part is a section
  const file: CapturedFile = { path: 'nvidia-bug-report.log', content: text };

  it('is recognised, cut, and read; lines are those of the file', () => {
    expect(recogniseFile(file)).toBe('nvidia-bug-report');
    const { machine, host, sources } = importCapture([file], { name: 'gpu' });
    expect(machine?.functions).toHaveLength(3);
    expect(machine?.memoryMap.some(({ owner }) => owner === 'crash-kernel')).toBe(true);
    expect(sources.map(({ kind }) => kind)).toEqual([
      'nvidia-bug-report',
      'unknown',
      'command-line',
      'iomem',
      'lspci',
      'boot-log',
      'unknown',
    ]);
    const lines = text.split('\n');
    expect(host.commandLine).toEqual({
      value: 'ro quiet',
      file: file.path,
      line: lines.indexOf('ro quiet') + 1,
    });
    const driver = host.drivers['0000:01:00.0'];
    expect(lines[(driver?.line ?? 0) - 1]).toMatch(/^0000:01:00\.0 /);
    expect(lines[(host.platform.line ?? 0) - 1]).toMatch(/DRHD/);
    expect(lines[(host.crashKernelBytes?.line ?? 0) - 1]).toMatch(/Crash kernel/);
  });
});

describe('what quiesce capture wrote', () => {
  const text = JSON.stringify({
    schema: 'quiesce/capture/1',
    tool: 'quiesce 1',
    taken: '2026-01-01T00:00:00Z',
    privileged: false,
    redacted: [],
    files: [
      { path: 'sys/bus/pci/devices/0000:00:00.0/config', hex: '8680c029'.padEnd(128, '0') },
      { path: 'sys/class/iommu/dmar0/intel-iommu/address', text: 'fed90000\n' },
      { path: 'sys/class/iommu/dmar0/intel-iommu/cap', text: 'd2008c222f0606\n' },
      { path: 'sys/class/iommu/dmar0/intel-iommu/ecap', text: 'f00f4a\n' },
      { path: 'sys/class/iommu/dmar0/intel-iommu/version', text: '1:0\n' },
      { path: 'dmesg', text: log.replace('cap d2008c222f0606', 'cap d2008c222f0607') },
    ],
    unread: [
      { path: 'proc/iomem', reason: 'permission denied: run as root' },
      { path: 'etc/kdump.conf', reason: 'there is no such file' },
    ],
  });

  it('is expanded; what could not be read is noted, registers of /sys go before those of the log', () => {
    const { machine, host, sources, conflicts, notes } = importCapture([{ path: 'c.json', content: text }], {
      name: 'c',
    });
    expect(sources[0]).toEqual({
      file: 'c.json',
      kind: 'capture-bundle',
      gave: '6 files, taken 2026-01-01T00:00:00Z as an ordinary user by quiesce 1',
    });
    expect(machine?.units[0]?.capability).toBe('00d2008c222f0606');
    expect(host.platform).toEqual({ value: 'intel-vt-d', file: 'sys/class/iommu/dmar0/intel-iommu/address' });
    expect(notes).toContainEqual({
      file: 'proc/iomem',
      message: 'could not be read: permission denied: run as root',
    });
    expect(conflicts.map(({ what }) => what)).toContain('/units');
    expect(
      importCapture(filesOf(parseCaptureBundle(text, { file: 'c.json' })), { name: 'c' }).machine,
    ).toEqual({
      ...machine,
      notes: machine?.notes.filter(({ file }) => file !== 'proc/iomem' && file !== 'c.json'),
      description: machine?.description.replace('capture-bundle, ', ''),
    });
  });
});
