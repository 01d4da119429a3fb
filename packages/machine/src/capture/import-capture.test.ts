import { describe, expect, it } from 'vitest';
import { importCapture } from './import-capture.ts';

const lspci = (vendor: string): string => `00:00.0 0600: ${vendor}:0042
00: ${vendor.slice(2)} ${vendor.slice(0, 2)} 42 00 00 00 00 00 00 00 00 06 00 00 00 00
10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
`;

/** Config space of a function with nothing but an identity. */
function config(vendor: number, device: number, size = 256): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([vendor & 0xff, vendor >> 8, device & 0xff, device >> 8]);
  bytes[0x0b] = 6;
  return bytes;
}

const sysfs = 'sys/bus/pci/devices/0000:00:00.0';

describe('importCapture', () => {
  it('makes a machine of a tree of /sys: bytes, sizes, drivers and groups', () => {
    const { machine, host, sources } = importCapture(
      [
        { path: `report/${sysfs}/config`, content: config(0x8086, 0x42, 4096) },
        { path: `report/${sysfs}/driver`, content: '', link: '../../../bus/pci/drivers/e1000e' },
        { path: `report/${sysfs}/iommu_group`, content: '', link: '../../../kernel/iommu_groups/12' },
      ],
      { name: 'tree' },
    );
    expect(machine?.functions.map((one) => [one.name, one.config.slice(0, 8), one.driver.first])).toEqual([
      ['0000:00:00.0', '86804200', true],
    ]);
    expect(host.drivers['0000:00:00.0']).toEqual({ value: 'e1000e', file: `report/${sysfs}/driver` });
    expect(host.iommuGroups['0000:00:00.0']).toEqual({ value: 12, file: `report/${sysfs}/iommu_group` });
    expect(sources).toEqual([{ file: 'report/sys/', kind: 'sysfs', gave: '3 files, 1 function' }]);
  });

  it('takes rows of lspci before sysfs, completes them, and says where another device stands', () => {
    const same = importCapture(
      [
        { path: 'lspci.txt', content: lspci('8086') },
        { path: `${sysfs}/config`, content: config(0x8086, 0x42, 256) },
      ],
      { name: 'same' },
    );
    expect(same.conflicts).toEqual([]);
    expect(same.machine?.functions[0]?.config.length).toBe(512);
    const other = importCapture(
      [
        { path: 'lspci.txt', content: lspci('8086') },
        { path: `${sysfs}/config`, content: config(0x10ec, 0x42, 256) },
      ],
      { name: 'other' },
    );
    expect(other.machine?.functions[0]?.config).toMatch(/^86804200.{120}$/);
    expect(other.conflicts).toEqual([
      {
        what: '/functions/0/config',
        said: [
          { value: 'vendor ID 0x8086', file: 'lspci.txt', line: 1 },
          { value: 'vendor ID 0x10ec', file: `${sysfs}/config`, line: 1 },
        ],
        used: 'vendor ID 0x8086',
        reason: 'another device stands there: nothing of it is used',
      },
    ]);
  });

  it('reads what PowerShell wrote, and says which of two memory maps is used', () => {
    const wide = Uint8Array.from([
      0xff,
      0xfe,
      ...[...lspci('8086')].flatMap((one) => [one.charCodeAt(0), 0]),
    ]);
    const map = '00001000-0009ffff : System RAM\n';
    const { machine, notes } = importCapture(
      [
        { path: 'lspci.txt', content: wide },
        { path: 'proc/iomem', content: map },
        { path: 'other/iomem.txt', content: map },
      ],
      { name: 'wide' },
    );
    expect(machine?.functions).toHaveLength(1);
    expect(notes).toContainEqual({
      file: 'other/iomem.txt',
      line: 1,
      message: 'another /proc/iomem is used, that of proc/iomem',
    });
  });

  it('has no machine where no source names a function, and lists what it does not know', () => {
    const got = importCapture([{ path: 'poem.txt', content: 'so much depends\nupon\n' }], { name: 'none' });
    expect(got.machine).toBeUndefined();
    expect(got.sources).toEqual([{ file: 'poem.txt', kind: 'unknown', gave: expect.any(String) }]);
  });
});
