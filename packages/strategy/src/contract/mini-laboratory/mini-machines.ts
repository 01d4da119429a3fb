import type { MiniFunctionDescription } from './mini-function.ts';

const hostBridge: MiniFunctionDescription = {
  name: '0000:00:00.0',
  vendorId: 0x8086,
  deviceId: 0x29c0,
  classCode: 0x060000,
};

/** A machine: its functions, in the order in which enumeration finds them. */
export interface MiniMachineDescription {
  readonly name: string;
  readonly functions: readonly MiniFunctionDescription[];
}

/** One root port with two functions of a network card below it, and a sound device on the root complex. */
export const onePort: MiniMachineDescription = {
  name: 'one-port',
  functions: [
    hostBridge,
    port('0000:00:01.0', 4, [0, 1, 1]),
    nic('0000:01:00.0'),
    nic('0000:01:00.1'),
    {
      name: '0000:00:1b.0',
      vendorId: 0x8086,
      deviceId: 0x293e,
      classCode: 0x040300,
      pcieType: 9,
      msi: true,
      driver: true,
    },
  ],
};

/** A display behind a port, a switch with two cards, and conventional PCI behind a bridge. */
export const switchAndDisplay: MiniMachineDescription = {
  name: 'switch-and-display',
  functions: [
    hostBridge,
    port('0000:00:01.0', 4, [0, 1, 1]),
    { name: '0000:01:00.0', vendorId: 0x10de, deviceId: 0x0640, classCode: 0x030000, pcieType: 0, msi: true },
    port('0000:00:02.0', 4, [0, 2, 5]),
    port('0000:02:00.0', 5, [2, 3, 5]),
    port('0000:03:00.0', 6, [3, 4, 4]),
    nic('0000:04:00.0'),
    port('0000:03:01.0', 6, [3, 5, 5]),
    {
      name: '0000:05:00.0',
      vendorId: 0x144d,
      deviceId: 0xa808,
      classCode: 0x010802,
      pcieType: 0,
      msi: false,
      driver: true,
    },
    port('0000:00:03.0', 4, [0, 6, 7]),
    port('0000:06:00.0', 7, [6, 7, 7]),
    { name: '0000:07:04.0', vendorId: 0x102b, deviceId: 0x0522, classCode: 0x020000, driver: true },
  ],
};

function port(
  name: string,
  pcieType: number,
  buses: readonly [number, number, number],
): MiniFunctionDescription {
  return { name, vendorId: 0x8086, deviceId: 0x3420, classCode: 0x060400, pcieType, buses, msi: false };
}

function nic(name: string): MiniFunctionDescription {
  return {
    name,
    vendorId: 0x8086,
    deviceId: 0x10d3,
    classCode: 0x020000,
    pcieType: 0,
    msi: true,
    driver: true,
  };
}
