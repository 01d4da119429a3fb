import { describe, expect, it } from 'vitest';
import { barAddress, sizeBars } from './bar-sizing.ts';
import { enableBridgesAbove } from './enable-bridges.ts';
import type { KernelPciDevice } from './kernel-pci-device.ts';
import { Command, PCI } from './registers.ts';
import { MachineUnderKernel } from './testing/machine-under-kernel.ts';

const machines = ['q35-lab', 'server-2012', 'scalable-2026'];

function snapshot(devices: readonly KernelPciDevice[]): string[] {
  return devices.map((device) => {
    const words: string[] = [];
    for (let offset = 0; offset < 64; offset += 4) words.push(device.readConfig32(offset).toString(16));
    return `${device.name} ${words.join(' ')}`;
  });
}

describe.each(machines)('enumeration of %s', (name) => {
  it('finds every function of the machine under its own name', () => {
    const lab = new MachineUnderKernel(name);
    const found = lab.enumerate().map((device) => device.name);
    expect(found.sort()).toEqual(lab.machine.functions.map((one) => one.name).sort());
    expect(lab.lines).toEqual([]);
  });

  it('finds them again when every bridge lost its bus numbers, each bus once', () => {
    const lab = new MachineUnderKernel(name);
    const before = lab.enumerate();
    for (const bridge of before.filter((one) => one.headerType === 1).reverse()) {
      bridge.writeConfig8(PCI.secondaryBus, 0);
      bridge.writeConfig8(PCI.subordinateBus, 0);
    }
    const devices = lab.enumerate();
    expect(devices).toHaveLength(before.length);
    expect(new Set(devices.map((one) => one.name)).size).toBe(before.length);
    for (const bridge of devices.filter((one) => one.headerType === 1)) {
      const secondary = bridge.readConfig8(PCI.secondaryBus);
      const subordinate = bridge.readConfig8(PCI.subordinateBus);
      expect(bridge.readConfig8(PCI.primaryBus)).toBe(bridge.bus);
      expect(secondary).toBeGreaterThan(bridge.bus);
      expect(subordinate).toBeGreaterThanOrEqual(secondary);
      for (const child of bridge.children) {
        expect(child.bus).toBe(secondary);
        if (child.headerType === 1) {
          expect(child.readConfig8(PCI.subordinateBus)).toBeLessThanOrEqual(subordinate);
        }
      }
    }
    const owned = devices
      .filter((one) => one.headerType === 1)
      .map((one) => `${one.segment}:${one.readConfig8(PCI.secondaryBus)}`);
    expect(new Set(owned).size).toBe(owned.length);
  });

  it('sizes every BAR as the machine has it, and leaves no trace', () => {
    const lab = new MachineUnderKernel(name);
    const devices = lab.enumerate();
    const before = snapshot(devices);
    for (const device of devices) {
      sizeBars(device);
      const described = lab.machine.functions.find((one) => one.name === device.name);
      const sizes = [0, 0, 0, 0, 0, 0];
      for (const bar of device.bars) sizes[bar.index] = bar.size;
      const real = (described?.barSizes ?? []).map((size, index) =>
        device.headerType === 1 && index > 1 ? 0 : size,
      );
      expect(sizes.slice(0, real.length), device.name).toEqual(real);
    }
    expect(snapshot(devices)).toEqual(before);
  });

  it('a bridge opens for its devices from the root down, and nothing else changes', () => {
    const lab = new MachineUnderKernel(name);
    const devices = lab.enumerate();
    for (const one of devices) if (one.headerType === 1) one.writeConfig16(PCI.command, 0);
    const [deepest] = [...devices].sort((a, b) => depth(b) - depth(a));
    enableBridgesAbove(deepest as KernelPciDevice);
    const above = new Set<KernelPciDevice>();
    for (let at = deepest?.upstream; at !== undefined; at = at.upstream) above.add(at);
    expect(above.size).toBeGreaterThan(0);
    const open = Command.memory | Command.io | Command.busMaster;
    for (const bridge of devices.filter((one) => one.headerType === 1)) {
      const expected = above.has(bridge) ? open : 0;
      // I/O decoding stays off in bridges without I/O windows.
      expect(bridge.readConfig16(PCI.command) & ~Command.io, bridge.name).toBe(expected & ~Command.io);
    }
  });
});

function depth(device: KernelPciDevice): number {
  return device.upstream === undefined ? 0 : 1 + depth(device.upstream);
}

describe('where a BAR points', () => {
  it('is 64 bits wide in two registers', () => {
    const lab = new MachineUnderKernel('q35-lab');
    const devices = lab.enumerate();
    for (const device of devices) sizeBars(device);
    const drive = devices.find((one) => one.name === '0000:05:00.0') as KernelPciDevice;
    const [bar] = drive.bars;
    expect(bar).toMatchObject({ index: 0, kind: 'memory', wide: true });
    drive.writeConfig32(PCI.bar0 + 4, 0x12);
    if (bar !== undefined) expect(barAddress(drive, bar)).toBeGreaterThan(0x12_0000_0000);
  });
});
