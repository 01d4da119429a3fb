import { describe, expect, it } from 'vitest';
import { sizeBars } from '../pci/bar-sizing.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { CapabilityId, Command, PCI } from '../pci/registers.ts';
import { MachineUnderKernel } from '../pci/testing/machine-under-kernel.ts';
import { InterruptController } from './interrupt-controller.ts';
import { disableMessageInterrupts, programMessageInterrupt } from './message-interrupts.ts';

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
    const done = programMessageInterrupt(device, message, (address, value) => {
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
    expect(programMessageInterrupt(device, message, () => expect.unreachable())).toBe(true);
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
    expect(programMessageInterrupt(device as KernelPciDevice, message, () => {})).toBe(false);
    expect(device?.readConfig16(PCI.command)).toBe(before);
  });
});

describe('vectors of a kernel', () => {
  it('are its own from 0x31 on, shared only when all 187 are given out', () => {
    const controller = new InterruptController();
    const given = new Set<number>();
    for (let i = 0; i < 0xeb - 0x31 + 1; i++) given.add(controller.allocateVector());
    expect(given.size).toBe(187);
    expect(Math.min(...given)).toBe(0x31);
    expect(Math.max(...given)).toBe(0xeb);
    expect(controller.allocateVector()).toBe(0x31);
  });

  it('what arrives on a vector of nobody is a stray', () => {
    const controller = new InterruptController();
    const vector = controller.allocateVector();
    controller.arrived(0x77, 3);
    expect([controller.stray, controller.seenVector(vector)]).toEqual([3, false]);
    controller.arrived(vector, 1);
    expect(controller.seenVector(vector)).toBe(true);
  });

  it('a pin counts from when it is opened', () => {
    const lab = new MachineUnderKernel('q35-lab');
    const fn = lab.world.hardware.hierarchy.visibleAt(0, 0, 0x1d, 0);
    if (fn === undefined) expect.unreachable();
    const controller = new InterruptController();
    controller.asserted(fn);
    controller.openPin(fn);
    expect(controller.seenPin(fn)).toBe(false);
    controller.asserted(fn);
    expect(controller.seenPin(fn)).toBe(true);
  });
});
