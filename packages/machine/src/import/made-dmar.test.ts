import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { parseDmar, remappingUnits } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { hexToBytes } from '../build/config-bytes.ts';
import type { CapturedFile } from '../capture/captured-file.ts';
import { importCapture } from '../capture/import-capture.ts';
import type { Machine } from '../description/machine.ts';
import { preset } from '../presets/presets.ts';

const original = preset('multi-unit');
const graphics = '0000:00:02.0';

/** What an ordinary user may read of a machine: no ACPI tables, 64 bytes of config space, but all of its units. */
function files(): CapturedFile[] {
  const functions = original.functions.flatMap(({ name, config }): CapturedFile[] => {
    const unit = name === graphics ? 'dmar0' : 'dmar1';
    const group = name === graphics ? '0' : '1';
    const folder = `sys/bus/pci/devices/${name}`;
    return [
      { path: `${folder}/config`, content: (hexToBytes(config) as Uint8Array).slice(0, 64) },
      { path: `${folder}/iommu`, content: '', link: `../../virtual/iommu/${unit}` },
      { path: `${folder}/iommu_group`, content: '', link: `../../../kernel/iommu_groups/${group}` },
    ];
  });
  const unit = (name: string, address: string, cap: string): CapturedFile[] =>
    Object.entries({ address, cap, ecap: 'f0101a', version: '1:0' }).map(([field, text]) => {
      return { path: `sys/class/iommu/${name}/intel-iommu/${field}`, content: `${text}\n` };
    });
  // The first of them is Linux's own idea, for floppy disks.
  const regions =
    '0x0000000000000000 0x0000000000ffffff direct-relaxable\n0x000000007d000000 0x000000007f7fffff direct\n0x00000000fee00000 0x00000000feefffff msi\n';
  return [
    ...functions,
    ...unit('dmar0', 'fed90000', '1c0000c40660462'),
    ...unit('dmar1', 'fed91000', 'd2008c40660462'),
    { path: 'sys/kernel/iommu_groups/0/reserved_regions', content: regions },
  ];
}

const imported = (...more: CapturedFile[]): Machine =>
  importCapture([...files(), ...more], { name: 'unprivileged' }).machine as Machine;
const dmarOf = (machine: Machine): ReturnType<typeof parseDmar> =>
  parseDmar(hexToBytes(machine.dmar as string) as Uint8Array);

describe('a machine whose DMAR table nobody could read', () => {
  it('has the units that /sys shows, each with its functions, and reserved memory with those of its group', () => {
    const machine = imported();
    expect(machine.units).toMatchObject([
      { registerBase: 0xfed9_0000, capability: '01c0000c40660462', version: 0x10 },
      { registerBase: 0xfed9_1000, capability: '00d2008c40660462' },
    ]);
    const [first, second] = remappingUnits(dmarOf(machine));
    expect(first?.scopes).toMatchObject([{ type: 1, startBus: 0, path: [{ device: 2, fn: 0 }] }]);
    expect(second?.scopes).toHaveLength(original.functions.length - 1);
    const [rmrr, ...others] = dmarOf(machine).structures.filter((one) => one.type === 'RMRR');
    expect(others).toEqual([]);
    expect(rmrr).toMatchObject({
      base: 0x7d00_0000,
      limit: 0x7f7f_ffff,
      scopes: [{ path: [{ device: 2, fn: 0 }] }],
    });
    const inferred = machine.inferred.filter((one) => /^\/(?:dmar|units)/.test(one.path));
    expect(inferred.map(({ path, value }) => [path, value])).toEqual([
      ['/dmar', '2 units'],
      ['/units/0', '1 function'],
      ['/units/1', `${original.functions.length - 1} functions`],
      ['/dmar', 'IO-APICs and HPETs behind no unit'],
      ['/dmar', '46 address bits'],
    ]);
    const { remapping } = assembleMachine(machine, {
      calendar: new EventCalendar(),
      observer: new SilentObserver(),
    });
    expect(remapping.unitFor(0, 0x0010)).toBe(remapping.units[0]);
    expect(remapping.unitFor(0, 0x00f8)).toBe(remapping.units[1]);
  });

  it('has order, flags and width of the boot log besides', () => {
    const log = `ACPI: DMAR 0x000000007F81F000 000098 (v01 QUIET  LAB      01072009 TEST 01000013)
DMAR: Host address width 39
DMAR: DRHD base: 0x000000fed91000 flags: 0x1
DMAR: DRHD base: 0x000000fed90000 flags: 0x0
DMAR: RMRR base: 0x0000007d000000 end: 0x0000007f7fffff
DMAR: RMRR base: 0x0000007c000000 end: 0x0000007c0fffff
DMAR: RMRR base: 0x0000007b000000 end: 0x0000007b0fffff
DMAR: Setting identity map for device 0000:00:1f.2 [0x7c000000 - 0x7c0fffff]
pci 0000:00:1d.0: DMAR: Setting identity map [0x7c000000 - 0x7c0fffff]
DMAR: Setting identity map for device 0000:00:1f.0 [0x0 - 0xffffff]
`;
    const machine = imported({ path: 'dmesg.txt', content: log });
    const dmar = dmarOf(machine);
    const uncaptured = 'firmware has a table DMAR of 152 bytes, which is not in the capture';
    expect(machine.notes).toContainEqual({ file: 'dmesg.txt', line: 1, message: uncaptured });
    expect(remappingUnits(dmar).map(({ registerBase, flags }) => [registerBase, flags])).toEqual([
      [0xfed9_1000, 1],
      [0xfed9_0000, 0],
    ]);
    expect(dmar.hostAddressWidth).toBe(38);
    const ranges = dmar.structures.filter((one) => one.type === 'RMRR');
    expect(ranges.map(({ base, scopes }) => [base, scopes.length])).toEqual([
      [0x7d00_0000, 1],
      [0x7c00_0000, 2],
      [0x7b00_0000, 0],
    ]);
  });

  it('believes a table more', () => {
    const machine = imported({
      path: 'sys/firmware/acpi/tables/DMAR',
      content: hexToBytes(original.dmar as string) as Uint8Array,
    });
    expect(machine.dmar).toBe(original.dmar);
  });
});
