import { msi } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { emulated } from './q35-registers.ts';

const undriven = { first: false, second: false };

/** The host bridge of Q35, with firmware's shadow of the BIOS write-protected, and ECAM at 0xb0000000. */
export function q35HostBridge(): FunctionPlan {
  return {
    device: 0,
    vendorId: 0x8086,
    deviceId: 0x29c0,
    classCode: 0x060000,
    subsystem: emulated,
    command: 0x0103,
    interruptPin: 0,
    // PCIEXBAR; programmable attribute map; system management RAM.
    dwords: { 80: 0x10, 96: 0xb000_0001, 144: 0x1111_1110, 148: 0x33_1111, 156: 0x38_0a00 },
    label: '82G33/G31/P35/P31 Express DRAM Controller',
  };
}

/** QEMU's pxb-pcie: what stands on bus 0 for a further root complex. */
export function pxbPcie(device: number): FunctionPlan {
  return {
    device,
    vendorId: 0x1b36,
    deviceId: 0x000b,
    classCode: 0x060000,
    subsystem: emulated,
    interruptPin: 0,
    // Status: 66 MHz, fast back-to-back.
    dwords: { 4: 0xa0_0103 },
    label: 'QEMU PCIe Expander bridge',
  };
}

/** LPC, SATA and SMBus: what QEMU's Q35 has on bus 0 by itself, beside its host bridge. */
export function ich9(): FunctionPlan[] {
  const intel = { vendorId: 0x8086, subsystem: emulated } as const;
  const none = undefined;
  return [
    {
      ...intel,
      device: 0x1f,
      deviceId: 0x2918,
      classCode: 0x060100,
      revision: 2,
      multifunction: true,
      command: 0x0103,
      interruptPin: 0,
      // Power management I/O, RTC, root complex registers: where firmware put them.
      dwords: { 64: 0x601, 68: 0x80, 160: 0x10, 240: 0xfed1_c001 },
      label: '82801IB (ICH9) LPC Interface Controller',
    },
    {
      ...intel,
      device: 0x1f,
      fn: 2,
      deviceId: 0x2922,
      classCode: 0x010601,
      revision: 2,
      multifunction: true,
      bars: [none, none, none, none, { kind: 'io', size: 0x20 }, { kind: 'memory', size: 0x1000 }],
      capabilities: [
        msi({ offset: 0x80 }),
        { id: 0x12, extended: false, version: 0, offset: 0xa8, bytes: sataCapability },
      ],
      // Address map: AHCI mode.
      dwords: { 144: 0x40 },
      // Nothing is connected to its ports, and no driver was loaded in either kernel.
      endpoint: endpointOf('ahci'),
      driver: undriven,
      label: '82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI mode]',
    },
    {
      ...intel,
      device: 0x1f,
      fn: 3,
      deviceId: 0x2930,
      classCode: 0x0c0500,
      revision: 2,
      multifunction: true,
      command: 0x0103,
      bars: [none, none, none, none, { kind: 'io', size: 0x40, address: 0x0700 }],
      // Host configuration: enabled.
      dwords: { 64: 1 },
      label: '82801I (ICH9 Family) SMBus Controller',
    },
  ];
}

const sataCapability: Uint8Array = Uint8Array.from([0, 0, 0x10, 0, 0x48, 0, 0, 0]);
