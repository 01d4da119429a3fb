import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MachineUnderKernel } from '../pci/testing/machine-under-kernel.ts';
import { iommuGroups } from './iommu-groups.ts';

const measured = new URL('../../../../../shared/ground-truth/iommu-groups.txt', import.meta.url);

function groupsOf(machine: string): Map<string, number> {
  const devices = new MachineUnderKernel(machine).enumerate();
  return new Map([...iommuGroups(devices)].map(([device, { index }]) => [device.name, index]));
}

describe('IOMMU groups', () => {
  it.skipIf(!existsSync(measured))('of q35-lab are those of a real kernel (needs ../shared)', () => {
    const real = readFileSync(measured, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('/'))
      .map((parts): [string, number] => [parts.at(-1) as string, Number(parts.at(-3))]);
    const ours = groupsOf('q35-lab');
    expect(real.length).toBeGreaterThan(10);
    for (const [name, index] of real) expect([name, ours.get(name)]).toEqual([name, index]);
  });

  it('behind a bridge to PCI: that of the bridge', () => {
    const groups = groupsOf('server-2012');
    expect(groups.get('0000:07:04.0')).toBe(groups.get('0000:06:00.0'));
  });

  it('functions of one device without ACS: one', () => {
    const groups = groupsOf('server-2012');
    expect(groups.get('0000:81:00.0')).toBe(groups.get('0000:81:00.1'));
    expect(groups.get('0000:04:00.0')).not.toBe(groups.get('0000:05:00.0'));
  });

  it('are counted, and found once for a list of functions', () => {
    const devices = new MachineUnderKernel('q35-lab').enumerate();
    const groups = iommuGroups(devices);
    expect(iommuGroups(devices)).toBe(groups);
    const sizes = [...groups.values()].filter(({ index }) => index === 7);
    expect(sizes.every(({ size }) => size === sizes.length)).toBe(true);
    expect(sizes).toHaveLength(3);
  });
});
