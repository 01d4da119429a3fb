import { describe, expect, it } from 'vitest';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';

const folder = 'sys/bus/pci/devices';

function config(device: number, bytes: Readonly<Record<number, number>> = {}): Uint8Array {
  const all = new Uint8Array(64);
  all.set([0x86, 0x80, device, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  for (const [offset, value] of Object.entries(bytes)) all[Number(offset)] = value;
  return all;
}

describe('what /sys says beside config spaces', () => {
  const files: CapturedFile[] = [
    { path: `${folder}/0000:01:00.0/config`, content: config(1) },
    { path: `${folder}/0000:01:00.0/reset_method`, content: 'flr bus\n' },
    { path: `${folder}/0000:01:00.0/boot_vga`, content: '0\n' },
    // A virtual function shows ff for its identity.
    { path: `${folder}/0000:01:00.1/config`, content: config(0, { 0: 0xff, 1: 0xff, 2: 0xff, 3: 0xff }) },
    { path: `${folder}/0000:01:00.1/physfn`, content: '', link: '../0000:01:00.0' },
    { path: `${folder}/0000:02:00.0/vendor`, content: '0x10de\n' },
    { path: `${folder}/0000:02:00.0/device`, content: '0x1e07\n' },
    { path: `${folder}/0000:02:00.0/class`, content: '0x030000\n' },
    { path: `${folder}/0000:02:00.0/boot_vga`, content: '1\n' },
    { path: 'sys/devices/system/cpu/online', content: '0-3,8-11\n' },
    { path: 'sys/class/dmi/id/sys_vendor', content: 'Dell Inc.\n' },
    { path: 'sys/class/dmi/id/product_name', content: 'PowerEdge R740\n' },
    { path: 'proc/sys/kernel/panic_on_oops', content: '1\n' },
    { path: 'proc/cmdline', content: 'ro intel_iommu=sm_off intel_iommu=on,sm_on quiet\n' },
    {
      path: 'groups.txt',
      content:
        '/sys/kernel/iommu_groups/3/devices/0000:01:00.0\n\n/sys/kernel/iommu_groups/4/devices/0000:02:00.0\n',
    },
    {
      path: 'lspci.txt',
      content: '01:00.1 Ethernet controller [0200]: Intel Corporation Device [8086:0002]\n',
    },
  ];
  const { machine, host, sources, conflicts, notes } = importCapture(files, { name: 'x' });

  it('goes into the machine', () => {
    expect(machine?.processors).toBe(8);
    expect(machine?.scalable).toBe(true);
    const byName = new Map(machine?.functions.map((one) => [one.name, one]));
    expect(byName.get('0000:01:00.1')?.physicalFunction).toBe('0000:01:00.0');
    expect(byName.get('0000:02:00.0')?.config.slice(0, 24)).toBe('de10071e0000000000000003');
    expect(conflicts).toEqual([]);
    expect(notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/its identity alone is known/),
    );
  });

  it('goes into the facts of the host, with its place', () => {
    expect(host.model).toEqual({ value: 'Dell Inc. PowerEdge R740', file: 'sys/class/dmi/id/product_name' });
    expect(host.bootDisplay).toEqual({ value: '0000:02:00.0', file: `${folder}/0000:02:00.0/boot_vga` });
    expect(host.resetMethods).toEqual({
      '0000:01:00.0': { value: 'flr bus', file: `${folder}/0000:01:00.0/reset_method` },
    });
    expect(host.iommuGroups).toEqual({
      '0000:01:00.0': { value: 3, file: 'groups.txt', line: 1 },
      '0000:02:00.0': { value: 4, file: 'groups.txt', line: 3 },
    });
    expect(sources).toContainEqual({
      file: 'proc/sys/kernel/panic_on_oops',
      kind: 'host-setting',
      gave: '1',
    });
  });
});

it('says that links alone are no functions', () => {
  const path = `${folder}/0000:00:1f.2`;
  const got = importCapture([{ path, content: '', link: '../../../devices/pci0000:00/0000:00:1f.2' }], {
    name: 'x',
  });
  expect(got.machine).toBeUndefined();
  expect(got.notes).toEqual([{ file: path, message: expect.stringMatching(/take \/sys\/devices, too/) }]);
});
