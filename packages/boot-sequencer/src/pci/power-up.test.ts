import { describe, expect, it } from 'vitest';
import type { KernelPciDevice } from './kernel-pci-device.ts';
import { powerUp } from './power-up.ts';
import { CapabilityId, PCI } from './registers.ts';
import { MachineUnderKernel } from './testing/machine-under-kernel.ts';

function card(): { lab: MachineUnderKernel; device: KernelPciDevice; at: number } {
  const lab = new MachineUnderKernel('q35-lab');
  const device = lab.enumerate().find((one) => one.name === '0000:01:00.0') as KernelPciDevice;
  const at = device.findCapability(CapabilityId.powerManagement);
  expect(at).toBeGreaterThan(0);
  return { lab, device, at };
}

describe('power-up', () => {
  it('brings a function from D3hot to D0 in 10 ms and gives its BARs back', () => {
    const { lab, device, at } = card();
    const bar = device.readConfig32(PCI.bar0);
    expect(bar).not.toBe(0);
    device.writeConfig16(at + 4, device.readConfig16(at + 4) | 3);
    lab.delay(20);
    expect(device.readConfig16(at + 4) & 3).toBe(3);
    const waits: number[] = [];
    powerUp(device, (ms) => {
      waits.push(ms);
      lab.delay(ms);
      // Functions that reset themselves on the way lose their BARs (No_Soft_Reset clear).
      device.writeConfig32(PCI.bar0, 0);
    });
    expect(waits).toEqual([10]);
    expect(device.readConfig16(at + 4) & 3).toBe(0);
    expect(device.readConfig32(PCI.bar0)).toBe(bar);
  });

  it('costs nothing in D0, and touches nothing that does not answer', () => {
    const { device } = card();
    const waits: number[] = [];
    powerUp(device, (ms) => waits.push(ms));
    powerUp(
      { ...device, findCapability: () => 0x40, readConfig16: () => 0xffff } as unknown as KernelPciDevice,
      (ms) => waits.push(ms),
    );
    expect(waits).toEqual([]);
  });
});
