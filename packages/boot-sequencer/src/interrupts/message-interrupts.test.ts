import { describe, expect, it } from 'vitest';
import { sizeBars } from '../pci/bar-sizing.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { CapabilityId, Command, PCI } from '../pci/registers.ts';
import { MachineUnderKernel } from '../pci/testing/machine-under-kernel.ts';
import { disableMessageInterrupts, messageVectors, programMessageInterrupts } from './message-interrupts.ts';

const MSIX_ENABLE = 0x8000;
const message = { address: 0xfee0_0300, data: 0x41 };

function withCapability(id: number, without?: number): { lab: MachineUnderKernel; device: KernelPciDevice } {
  for (const name of ['q35-lab', 'server-2012', 'scalable-2026']) {
    const lab = new MachineUnderKernel(name);
    const devices = lab.enumerate();
    const device = devices.find(
      (one) =>
        one.headerType === 0 &&
        one.findCapability(id) !== 0 &&
        (without === undefined || one.findCapability(without) === 0),
    );
    if (device === undefined) continue;
    sizeBars(device);
    device.writeConfig16(PCI.command, device.readConfig16(PCI.command) | Command.memory);
    return { lab, device };
  }
  throw new Error(`no preset has capability ${id}`);
}

describe('message interrupts of a real function', () => {
  it('MSI-X: the table gets the message, the function mask is off in the end, INTx is disabled', () => {
    const { lab, device } = withCapability(CapabilityId.msix);
    const { fabric } = lab.world.hardware;
    const writes: number[] = [];
    const controls: number[] = [];
    const at = device.findCapability(CapabilityId.msix);
    const done = programMessageInterrupts(device, [message], (address, value) => {
      controls.push(device.readConfig16(at + 2));
      writes.push(address);
      fabric.mmioWrite(address, 4, value);
    });
    expect(done).toBe(true);
    for (const control of controls) expect(control & 0xc000).toBe(0xc000);
    expect(device.readConfig16(at + 2) & 0xc000).toBe(MSIX_ENABLE);
    const [table] = writes as [number];
    expect(fabric.mmioRead(table, 4)).toBe(message.address);
    expect(fabric.mmioRead(table + 8, 4)).toBe(message.data);
    expect(fabric.mmioRead(table + 12, 4) & 1).toBe(0);
    expect(device.readConfig16(PCI.command) & Command.interruptDisable).not.toBe(0);
    disableMessageInterrupts(device);
    expect(device.readConfig16(at + 2) & MSIX_ENABLE).toBe(0);
  });

  it('MSI: address and data in config space, one vector, then enable', () => {
    const { device } = withCapability(CapabilityId.msi, CapabilityId.msix);
    const at = device.findCapability(CapabilityId.msi);
    const wide = (device.readConfig16(at + 2) & 0x80) !== 0;
    expect(programMessageInterrupts(device, [message], () => expect.unreachable())).toBe(true);
    expect(device.readConfig32(at + 4)).toBe(message.address);
    expect(device.readConfig16(at + (wide ? 12 : 8))).toBe(message.data);
    expect(device.readConfig16(at + 2) & 0x71).toBe(1);
    disableMessageInterrupts(device);
    expect(device.readConfig16(at + 2) & 1).toBe(0);
  });

  it('a function with neither keeps its pin', () => {
    const lab = new MachineUnderKernel('q35-lab');
    const device = lab
      .enumerate()
      .find(
        (one) => one.findCapability(CapabilityId.msi) === 0 && one.findCapability(CapabilityId.msix) === 0,
      );
    const before = device?.readConfig16(PCI.command);
    expect(programMessageInterrupts(device as KernelPciDevice, [message], () => {})).toBe(false);
    expect(device?.readConfig16(PCI.command)).toBe(before);
  });

  it('a driver that asks for three vectors gets them of MSI-X, each with its own message', () => {
    const { lab, device } = withCapability(CapabilityId.msix);
    expect(messageVectors(device, 3)).toBe(3);
    const messages = [0x41, 0x51, 0x61].map((data) => ({ address: 0xfee0_0000, data }));
    const written = new Map<number, number>();
    programMessageInterrupts(device, messages, (address, value) => {
      written.set(address, value);
      lab.world.hardware.fabric.mmioWrite(address, 4, value);
    });
    const data = [...written].filter(([address]) => address % 16 === 8).map(([, value]) => value);
    expect(data.slice(0, 3)).toEqual([0x41, 0x51, 0x61]);
  });

  it('MSI has one vector, a function with neither none', () => {
    expect(messageVectors(withCapability(CapabilityId.msi, CapabilityId.msix).device, 3)).toBe(1);
  });
});
