/** What a bridge passes on after firmware; the last address or port is included. Memory in MiB, I/O in 4 KiB. */
export interface TreeWindows {
  readonly memory: readonly [first: number, last: number];
  readonly prefetchable: readonly [first: number, last: number];
  readonly io: readonly [first: number, last: number];
}

/** Where firmware puts a BAR. */
export interface TreeBar {
  readonly index: number;
  readonly address: number;
  /**
   * Offset of a register behind it that reads other than nobody does (QEMU: 0 in memory, all ones of a port), and that a
   * read of 4 bytes does not change. Absent where there is none (the flash of e1000e).
   */
  readonly witness?: number;
}

/** One function of the machine that the model and QEMU both are. */
export interface TreeFunction {
  /** QEMU's id, and the name of a bridge's secondary bus. */
  readonly id: string;
  /** Name of QEMU's device model. */
  readonly model: string;
  /** Further properties of `-device`. */
  readonly properties?: string;
  /** Id of the bridge above; absent on the root bus. */
  readonly above?: string;
  readonly bus: number;
  readonly device: number;
  /** Secondary and subordinate bus of a bridge. */
  readonly buses?: readonly [secondary: number, subordinate: number];
  readonly windows?: TreeWindows;
  readonly bars: readonly TreeBar[];
}

/** One MiB block per leaf; the windows of bridges nest around them. */
function windows(first: number, last: number): TreeWindows {
  return {
    memory: [0xc000_0000 + first * 0x100_0000, 0xc000_0000 + (last + 1) * 0x100_0000 - 1],
    prefetchable: [0x1_0000_0000 + first * 0x1000_0000, 0x1_0000_0000 + (last + 1) * 0x1000_0000 - 1],
    io: [0x2000 + first * 0x1000, 0x2fff + last * 0x1000],
  };
}

function rootPort(
  id: string,
  device: number,
  buses: readonly [number, number],
  ends: [number, number],
): TreeFunction {
  return {
    id,
    model: 'pcie-root-port',
    properties: `chassis=${device},slot=${device}`,
    bus: 0,
    device,
    buses,
    windows: windows(...ends),
    bars: [{ index: 0, address: 0xe000_0000 + device * 0x1000, witness: 0xc }],
  };
}

function switchPort(
  above: string,
  id: string,
  place: readonly [bus: number, device: number],
  buses: readonly [number, number],
  ends: [number, number],
): TreeFunction {
  const upstream = id.startsWith('up');
  const chassis = 16 + buses[0];
  return {
    id,
    above,
    model: upstream ? 'x3130-upstream' : 'xio3130-downstream',
    ...(upstream ? {} : { properties: `chassis=${chassis},slot=${chassis}` }),
    bus: place[0],
    device: place[1],
    buses,
    windows: windows(...ends),
    bars: [],
  };
}

function networkCard(
  id: string,
  above: string | undefined,
  bus: number,
  device: number,
  block: number,
): TreeFunction {
  const base = 0xc000_0000 + block * 0x100_0000;
  return {
    id,
    ...(above === undefined ? {} : { above }),
    model: 'e1000e',
    properties: `mac=52:54:00:00:00:0${bus.toString(16)}`,
    bus,
    device,
    bars: [
      // RAL0: the station's address.
      { index: 0, address: base, witness: 0x5400 },
      { index: 1, address: base + 0x2_0000 },
      // The address half of the I/O window onto the registers.
      { index: 2, address: 0x2000 + block * 0x1000, witness: 0 },
      // Vector control of the first MSI-X entry.
      { index: 3, address: base + 0x4_0000, witness: 0xc },
    ],
  };
}

function audio(
  id: string,
  above: string | undefined,
  bus: number,
  device: number,
  address: number,
): TreeFunction {
  return {
    id,
    ...(above === undefined ? {} : { above }),
    model: above === undefined ? 'ich9-intel-hda' : 'intel-hda',
    bus,
    device,
    // GCAP, VMIN, VMAJ.
    bars: [{ index: 0, address, witness: 0 }],
  };
}

/**
 * Eleven bridges, five levels deep: a switch below a switch, a bridge to conventional PCI, and devices on the root
 * complex. Every function has device number 0 below a link, as PCI Express has it (PCIe 7.3.1).
 */
export const tree: readonly TreeFunction[] = [
  rootPort('rp1', 1, [1, 8], [0, 3]),
  switchPort('rp1', 'up1', [1, 0], [2, 8], [0, 3]),
  switchPort('up1', 'dp1', [2, 0], [3, 7], [0, 2]),
  switchPort('dp1', 'up2', [3, 0], [4, 7], [0, 2]),
  switchPort('up2', 'dp3', [4, 0], [5, 5], [0, 0]),
  networkCard('nic1', 'dp3', 5, 0, 0),
  switchPort('up2', 'dp4', [4, 1], [6, 6], [1, 1]),
  {
    id: 'nvme1',
    above: 'dp4',
    model: 'nvme',
    properties: 'serial=1',
    bus: 6,
    device: 0,
    // Version.
    bars: [{ index: 0, address: 0x1_1000_0000, witness: 8 }],
  },
  switchPort('up2', 'dp5', [4, 2], [7, 7], [2, 2]),
  audio('hda1', 'dp5', 7, 0, 0xc200_0000),
  switchPort('up1', 'dp2', [2, 1], [8, 8], [3, 3]),
  networkCard('nic2', 'dp2', 8, 0, 3),
  rootPort('rp2', 2, [9, 10], [4, 4]),
  {
    id: 'pci1',
    above: 'rp2',
    model: 'pcie-pci-bridge',
    bus: 9,
    device: 0,
    buses: [10, 10],
    windows: windows(4, 4),
    bars: [{ index: 0, address: 0x1_4fff_0000 }],
  },
  audio('hda2', 'pci1', 10, 1, 0xc400_0000),
  audio('hda3', 'pci1', 10, 2, 0xc401_0000),
  rootPort('rp3', 3, [11, 11], [5, 5]),
  networkCard('nic3', 'rp3', 11, 0, 5),
  networkCard('nic4', undefined, 0, 4, 6),
  audio('hda4', undefined, 0, 0x1b, 0xc700_0000),
];

/**
 * Arguments of QEMU for the tree. Bridges come before what is below them, and siblings in descending order: QEMU asks the
 * bridge that was made last first, and so in ascending order, as the model does where bus numbers overlap.
 */
export function treeArguments(): string[] {
  const depth = (one: TreeFunction): number => {
    const above = tree.find(({ id }) => id === one.above);
    return above === undefined ? 0 : depth(above) + 1;
  };
  const args = ['-machine', 'q35,kernel-irqchip=off', '-m', '64M'];
  const order = [...tree].reverse().sort((a, b) => depth(a) - depth(b));
  for (const { id, model, properties, above, device } of order) {
    const extra = properties === undefined ? '' : `,${properties}`;
    const addr = `${device.toString(16)}.0`;
    args.push('-device', `${model},id=${id},bus=${above ?? 'pcie.0'},addr=0x${addr}${extra}`);
  }
  // A codec, for the audio controller to write what it answers into memory.
  args.push('-audiodev', 'none,id=silence', '-device', 'hda-output,bus=hda1.0,audiodev=silence');
  return args;
}
