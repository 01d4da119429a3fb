import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barAddress, sizeBars, writeBar } from './bar-sizing.ts';
import type { KernelPciDevice } from './kernel-pci-device.ts';
import { PCI } from './registers.ts';
import { assignResources, bridgeWindows, type Range, type RootSpace } from './resource-assignment.ts';
import { MachineUnderKernel } from './testing/machine-under-kernel.ts';

const machines = ['q35-lab', 'server-2012', 'scalable-2026'];

function sized(name: string): { lab: MachineUnderKernel; devices: KernelPciDevice[]; space: RootSpace } {
  const lab = new MachineUnderKernel(name);
  const devices = lab.enumerate();
  for (const device of devices) sizeBars(device);
  return { lab, devices, space: lab.space };
}

function rangesOf(device: KernelPciDevice): Range[] {
  return device.bars
    .filter((bar) => bar.kind === 'memory')
    .map((bar) => ({ start: barAddress(device, bar), end: barAddress(device, bar) + bar.size }))
    .filter((range) => range.start !== 0);
}

function closeWindow(bridge: KernelPciDevice): void {
  bridge.writeConfig32(PCI.memoryBase, 0);
  bridge.writeConfig32(PCI.prefetchBase, 0);
  bridge.writeConfig32(PCI.prefetchBaseUpper, 0);
  bridge.writeConfig32(PCI.prefetchLimitUpper, 0);
}

/** What must hold of BARs and windows, whatever was there before. */
function check(devices: readonly KernelPciDevice[], space: RootSpace): void {
  const buses = new Map<KernelPciDevice | undefined, KernelPciDevice[]>();
  for (const device of devices) {
    buses.set(device.upstream, [...(buses.get(device.upstream) ?? []), device]);
  }
  for (const [bridge, siblings] of buses) {
    const inner = bridge === undefined ? undefined : bridgeWindows(bridge);
    const taken: (Range & { name: string })[] = [];
    for (const device of siblings) {
      const mine =
        device.headerType === 1 ? [...rangesOf(device), ...bridgeWindows(device)] : rangesOf(device);
      for (const range of mine) {
        const name = `${device.name} ${range.start.toString(16)}-${range.end.toString(16)}`;
        for (const other of taken) {
          expect(range.start >= other.end || range.end <= other.start, `${name} / ${other.name}`).toBe(true);
        }
        const inside =
          inner === undefined
            ? space.claimable(range)
            : inner.some((window) => range.start >= window.start && range.end <= window.end);
        expect(inside, `${name} inside`).toBe(true);
        taken.push({ ...range, name });
      }
    }
    for (const device of siblings) {
      for (const bar of device.bars) {
        if (bar.kind === 'memory') expect(barAddress(device, bar) % bar.size).toBe(0);
      }
    }
  }
}

describe.each(machines)('resources of %s', (name) => {
  it('what firmware assigned stays where it is', () => {
    const { lab, devices, space } = sized(name);
    const before = devices.map((device) => [rangesOf(device), bridgeWindows(device)]);
    assignResources(devices, space, (line) => lab.log(line));
    const bars = devices.filter((device) => device.headerType === 0).map(rangesOf);
    expect(bars).toEqual(
      before.filter((_one, index) => devices[index]?.headerType === 0).map(([ranges]) => ranges),
    );
    check(devices, space);
  });

  it('whatever lost its addresses gets new ones: nothing overlaps, all is inside of the bridge above', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }), (lost) => {
        const { lab, devices, space } = sized(name);
        for (const [index, device] of devices.entries()) {
          if (lost[index % 64] !== true) continue;
          for (const bar of device.bars) if (bar.kind === 'memory') writeBar(device, bar, 0);
          if (device.headerType === 1) closeWindow(device);
        }
        assignResources(devices, space, (line) => lab.log(line));
        check(devices, space);
      }),
      { numRuns: 25 },
    );
  });

  it('after a reset of everything, every device has all of its memory again', () => {
    const { lab, devices, space } = sized(name);
    for (const device of devices) {
      for (const bar of device.bars) if (bar.kind === 'memory') writeBar(device, bar, 0);
      if (device.headerType === 1) closeWindow(device);
    }
    const moved: string[] = [];
    assignResources(
      devices,
      space,
      (line) => lab.log(line),
      (bridge) => moved.push(bridge.name),
    );
    check(devices, space);
    for (const device of devices) {
      const memory = device.bars.filter((bar) => bar.kind === 'memory');
      expect(rangesOf(device), device.name).toHaveLength(memory.length);
      for (const range of rangesOf(device)) {
        const fn = lab.world.hardware.hierarchy.routeMemory(range.start)?.fn;
        // Bridges decode their own BARs only where the model gives them registers.
        if (device.headerType === 0) {
          device.writeConfig16(PCI.command, device.readConfig16(PCI.command) | 2);
          expect(lab.world.hardware.hierarchy.routeMemory(range.start)?.fn.name ?? fn?.name).toBe(
            device.name,
          );
        }
      }
    }
    const withMemory = devices.filter((one) => one.headerType === 1 && bridgeWindows(one).length > 0);
    expect(moved.sort()).toEqual(withMemory.map((one) => one.name).sort());
    expect(lab.lines.filter((line) => line.includes('no space'))).toEqual([]);
  });
});

describe('a window that is too small', () => {
  it('is said, and the BAR stays where it points to nothing', () => {
    const { lab, devices } = sized('q35-lab');
    for (const device of devices) {
      for (const bar of device.bars) if (bar.kind === 'memory') writeBar(device, bar, 0);
      if (device.headerType === 1) closeWindow(device);
    }
    const tiny: RootSpace = {
      windows: [{ start: 0xc000_0000, end: 0xc000_4000 }],
      claimable: () => true,
    };
    assignResources(devices, tiny, (line) => lab.log(line));
    expect(lab.lines).toContain('pci 0000:00:01.0: BAR 14: no space for [mem size 0x00100000]');
    const placed = devices.flatMap(rangesOf);
    for (const range of placed) expect(range.end).toBeLessThanOrEqual(0xc000_4000);
    expect(placed.length).toBeGreaterThan(0);
  });
});

describe('windows that begin anywhere', () => {
  it('leave room for the alignment of the widest BAR below a bridge', () => {
    const { lab, devices } = sized('server-2012');
    for (const device of devices) {
      for (const bar of device.bars) if (bar.kind === 'memory') writeBar(device, bar, 0);
      if (device.headerType === 1) closeWindow(device);
    }
    const odd: RootSpace = {
      windows: [{ start: 0xc010_0000, end: 0xe000_0000 }],
      claimable: (range) => range.start >= 0xc010_0000 && range.end <= 0xe000_0000,
    };
    const widest = Math.max(...devices.flatMap((one) => one.bars.map((bar) => bar.size)));
    expect(widest).toBeGreaterThan(0x10_0000);
    assignResources(devices, odd, (line) => lab.log(line));
    check(devices, odd);
    expect(lab.lines.filter((line) => line.includes('no space'))).toEqual([]);
    for (const device of devices) {
      const memory = device.bars.filter((bar) => bar.kind === 'memory');
      expect(rangesOf(device), device.name).toHaveLength(memory.length);
    }
  });

  it('a bridge that gets nothing is closed: what it let through before is not its own any more', () => {
    const { lab, devices } = sized('q35-lab');
    const bridges = devices.filter((one) => one.headerType === 1);
    expect(bridges.flatMap(bridgeWindows)).not.toEqual([]);
    assignResources(devices, { windows: [], claimable: () => false }, (line) => lab.log(line));
    expect(bridges.flatMap(bridgeWindows)).toEqual([]);
    expect(devices.flatMap(rangesOf)).toEqual([]);
  });
});
