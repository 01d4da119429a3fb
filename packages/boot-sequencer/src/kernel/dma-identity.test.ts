import { describe, expect, it } from 'vitest';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { PortType } from '../pci/registers.ts';
import { MachineUnderKernel } from '../pci/testing/machine-under-kernel.ts';
import { dmaIdentity } from './dma-identity.ts';

function identityOf(machine: string, name: string): readonly number[] {
  const device = new MachineUnderKernel(machine).enumerate().find((one) => one.name === name);
  return dmaIdentity(device as KernelPciDevice).requesterIds;
}

/** A function below bridges, the lowest first. */
function below(...bridges: readonly Partial<KernelPciDevice>[]): KernelPciDevice {
  const [lowest, ...above] = bridges;
  const upstream = lowest === undefined ? undefined : { ...lowest, upstream: below(...above).upstream };
  return {
    segment: 0,
    requesterId: 0x0720,
    name: '0000:07:04.0',
    hasDriver: true,
    upstream,
  } as KernelPciDevice;
}

describe('the requester IDs of a function', () => {
  it('are its own alone, behind ports and switches', () => {
    expect(identityOf('q35-lab', '0000:04:00.0')).toEqual([0x0400]);
    expect(identityOf('q35-lab', '0000:00:1b.0')).toEqual([0x00d8]);
  });

  it('behind a PCIe-to-PCI bridge: its secondary bus and devfn 0 first', () => {
    expect(identityOf('server-2012', '0000:07:04.0')).toEqual([0x0700, 0x0720]);
  });

  it('follow the bus numbers as they are now', () => {
    const lab = new MachineUnderKernel('server-2012');
    const devices = lab.enumerate();
    const bridge = devices.find((one) => one.pcieType === PortType.toPciBridge) as KernelPciDevice;
    const [child] = bridge.children;
    bridge.writeConfig8(0x19, 0x07);
    bridge.writeConfig8(0x1a, 0x07);
    expect(dmaIdentity(child as KernelPciDevice).requesterIds[0]).toBe(0x0700);
    bridge.writeConfig8(0x19, 0x77);
    expect(dmaIdentity(child as KernelPciDevice).requesterIds[0]).toBe(0x7700);
  });

  it('behind a conventional bridge: the ID of that bridge', () => {
    const bridge = { pcieType: undefined, requesterId: 0x00f0 };
    expect(dmaIdentity(below(bridge)).requesterIds).toEqual([0x00f0, 0x0720]);
  });

  it('behind both: what the root complex sees stands first', () => {
    const conventional = { pcieType: undefined, requesterId: 0x0610 };
    const express = { pcieType: PortType.toPciBridge, readConfig8: () => 6 };
    expect(dmaIdentity(below(conventional, express)).requesterIds).toEqual([0x0600, 0x0610, 0x0720]);
  });
});
