/** A function that masters the bus in the oracle's machine, and where it stands there. */
export interface Requester {
  /** As the unit sees it: behind a PCIe-to-PCI bridge that is the bridge's own (PCIe to PCI bridge 1.0, 2.3). */
  readonly requesterId: number;
  /** Bus, device and function by which configuration requests reach it. */
  readonly routingId: number;
  /** QEMU's id of its bus. */
  readonly bus: string;
  /** First byte of BAR 0. */
  readonly bar: number;
  /** What stands out about it. */
  readonly note: string;
}

/** A bridge of the oracle's machine, with all that it forwards. */
export interface Bridge {
  readonly routingId: number;
  readonly primary: number;
  readonly secondary: number;
  readonly subordinate: number;
  /** First byte of the memory window. */
  readonly window: number;
  readonly bytes: number;
}

/** Bridges, those nearer to the root complex first. */
export const bridges: readonly Bridge[] = [
  { routingId: 0x08, primary: 0, secondary: 1, subordinate: 1, window: 0xe010_0000, bytes: 0x10_0000 },
  { routingId: 0x10, primary: 0, secondary: 2, subordinate: 3, window: 0xe020_0000, bytes: 0x20_0000 },
  { routingId: 0x200, primary: 2, secondary: 3, subordinate: 3, window: 0xe030_0000, bytes: 0x10_0000 },
];

/** HD audio controllers: their command ring reads four bytes wherever it is told to, their MSI writes four. */
export const requesters: readonly Requester[] = [
  { requesterId: 0x20, routingId: 0x20, bus: 'pcie.0', bar: 0xe000_0000, note: 'root complex' },
  { requesterId: 0x21, routingId: 0x21, bus: 'pcie.0', bar: 0xe000_4000, note: 'its second function' },
  { requesterId: 0xd8, routingId: 0xd8, bus: 'pcie.0', bar: 0xe000_8000, note: 'upper half of the bus' },
  { requesterId: 0x100, routingId: 0x100, bus: 'rp1', bar: 0xe010_0000, note: 'behind a root port' },
  { requesterId: 0x103, routingId: 0x103, bus: 'rp1', bar: 0xe010_4000, note: 'another function there' },
  { requesterId: 0x300, routingId: 0x318, bus: 'pb1', bar: 0xe030_0000, note: 'behind a PCIe-to-PCI bridge' },
];

/** QEMU's devices, with the unit's properties in `unit`, e.g. `intremap=on,aw-bits=48`. */
export function machineArguments(unit: string): string[] {
  const args = [
    '-machine',
    'q35,kernel-irqchip=off,sata=off,smbus=off',
    '-m',
    '64M',
    '-audiodev',
    'none,id=mute',
  ];
  args.push('-device', `intel-iommu,${unit}`);
  args.push('-device', 'pcie-root-port,id=rp1,bus=pcie.0,addr=01.0,chassis=1,slot=1');
  args.push('-device', 'pcie-root-port,id=rp2,bus=pcie.0,addr=02.0,chassis=2,slot=2');
  args.push('-device', 'pcie-pci-bridge,id=pb1,bus=rp2,addr=00.0');
  for (const [index, { routingId, bus }] of requesters.entries()) {
    const device = ((routingId >>> 3) & 0x1f).toString(16).padStart(2, '0');
    const place = `bus=${bus},addr=${device}.${routingId & 7}`;
    args.push('-device', `intel-hda,id=hda${index},${place},multifunction=on,msi=on`);
    args.push('-device', `hda-output,bus=hda${index}.0,audiodev=mute`);
  }
  return args;
}
