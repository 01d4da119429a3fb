import { describe, expect, it } from 'vitest';
import type { CapturedFile } from './captured-file.ts';
import type { RemappingPlatform } from './host-facts.ts';
import { importCapture } from './import-capture.ts';

const table = (signature: string): CapturedFile => {
  const bytes = new Uint8Array(48);
  bytes.set([...signature].map((one) => one.charCodeAt(0)));
  bytes[4] = 48;
  return { path: `sys/firmware/acpi/tables/${signature}`, content: bytes };
};
const text = (content: string, path = 'some.txt'): CapturedFile => ({ path, content });
const version = '[    0.000000] Linux version 6.1.0 (x) #1 SMP\n';

describe('the platform', () => {
  it.each<readonly [RemappingPlatform, string, readonly CapturedFile[], string]>([
    ['amd-vi', 'an IVRS table', [table('IVRS')], 'sys/firmware/acpi/tables/IVRS'],
    ['smmu', 'an IORT table', [table('IORT')], 'sys/firmware/acpi/tables/IORT'],
    ['none', 'tables, and none that names units', [table('FACP')], 'sys/firmware/acpi/tables/FACP'],
    ['unknown', 'a table that says nothing of it', [table('MCFG')], ''],
    [
      'amd-vi',
      'a unit in /sys',
      [text('x', 'sys/class/iommu/ivhd0/amd-iommu/cap')],
      'sys/class/iommu/ivhd0/amd-iommu/cap',
    ],
    [
      'smmu',
      'a unit in /sys',
      [text('', 'sys/class/iommu/smmu3.0x0000000002b400000/x')],
      'sys/class/iommu/smmu3.0x0000000002b400000/x',
    ],
    [
      'amd-vi',
      'a line',
      [text(`${version}[    1.0] AMD-Vi: Found IOMMU at 0000:00:00.2 cap 0x40`)],
      'some.txt',
    ],
    ['intel-vt-d', 'a line', [text(`${version}[    1.000000] DMAR: Host address width 46`)], 'some.txt'],
    [
      'none',
      'a list of tables in a log',
      [text(`${version}[    0.000001] ACPI: FACP 0x00000000000F0000 0000F4 (v04 A B 1 C 1)`)],
      'some.txt',
    ],
    [
      'amd-vi',
      'the maker of the host bridge',
      [text('00:00.0 Host bridge [0600]: Advanced Micro Devices, Inc. [AMD] Device [1022:1450]')],
      'some.txt',
    ],
    [
      'amd-vi',
      'the function of a unit',
      [text('00:00.2 IOMMU [0806]: Advanced Micro Devices, Inc. [AMD] Device [1022:1451]')],
      'some.txt',
    ],
    ['power', 'a host bridge', [text('0001:00:00.0 PCI bridge [0604]: IBM Device [1014:03dc]')], 'some.txt'],
    ['power', 'a kernel', [text('Linux host 5.14.0-70.el9.ppc64le #1 SMP Thu', 'uname')], 'uname'],
    [
      'unknown',
      'an Intel host bridge',
      [text('00:00.0 Host bridge [0600]: Intel Corporation Device [8086:29c0]')],
      '',
    ],
  ])('is %s by %s', (value, _, files, file) => {
    expect(importCapture(files, { name: 'x' }).host.platform).toMatchObject({ value, file });
  });

  it('is none where the kernel has other tables and no DMAR', () => {
    const bundle = {
      schema: 'quiesce/capture/1',
      tool: 't',
      taken: '2026-01-01T00:00:00Z',
      privileged: true,
      redacted: [],
      files: [
        {
          path: 'sys/firmware/acpi/tables/MCFG',
          hex: '4d43464730'.padEnd(96, '0').replace(/^(.{10})00/, '$100'),
        },
      ],
      unread: [{ path: 'sys/firmware/acpi/tables/DMAR', reason: 'no such file' }],
    };
    const got = importCapture([{ path: 'c.json', content: JSON.stringify(bundle) }], { name: 'x' });
    expect(got.host.platform).toEqual({ value: 'none', file: 'sys/firmware/acpi/tables/DMAR' });
  });
});
