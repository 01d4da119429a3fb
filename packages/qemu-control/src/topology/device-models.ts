/** What QEMU calls a device that it can be, and what it needs besides its place. */
export interface DeviceModel {
  /** `-device` name. */
  readonly model: string;
  /** For people: what it is. */
  readonly label: string;
  /**
   * - `chipset`: part of the machine type, not on the command line
   * - `express-port`: a port with a slot: chassis and slot number
   * - `bridge`: any other bridge
   * - `expander`: the device on bus 0 that stands for a further root complex
   * - `network`, `audio`, `drive`, `usb`: an endpoint with a backend
   * - `plain`: an endpoint that needs nothing
   */
  readonly role:
    | 'chipset'
    | 'express-port'
    | 'bridge'
    | 'expander'
    | 'network'
    | 'audio'
    | 'drive'
    | 'usb'
    | 'plain';
}

const model = (name: string, role: DeviceModel['role'], label: string): DeviceModel => ({
  model: name,
  role,
  label,
});

/** Devices of QEMU 7.2 that the lab knows how to ask for, by vendor and device ID. */
export const deviceModels: ReadonlyMap<string, DeviceModel> = new Map([
  ['1b36:000c', model('pcie-root-port', 'express-port', 'root port')],
  ['8086:3420', model('ioh3420', 'express-port', 'root port of the X58 chipset')],
  ['104c:8232', model('x3130-upstream', 'bridge', "switch's upstream port")],
  ['104c:8233', model('xio3130-downstream', 'express-port', "switch's downstream port")],
  ['1b36:000e', model('pcie-pci-bridge', 'bridge', 'PCIe-to-PCI bridge')],
  ['1b36:0001', model('pci-bridge', 'bridge', 'PCI-to-PCI bridge')],
  ['8086:244e', model('i82801b11-bridge', 'bridge', "chipset's PCI bridge")],
  ['1b36:000b', model('pxb-pcie', 'expander', 'further root complex')],
  ['8086:10d3', model('e1000e', 'network', '82574L network card')],
  ['8086:100e', model('e1000', 'network', '82540EM network card, conventional PCI')],
  ['8086:2668', model('intel-hda', 'audio', 'HD audio of ICH6')],
  ['8086:293e', model('ich9-intel-hda', 'audio', 'HD audio of ICH9')],
  ['1b36:0010', model('nvme', 'drive', 'NVMe controller')],
  ['8086:2934', model('ich9-usb-uhci1', 'usb', 'UHCI 1 of ICH9')],
  ['8086:2935', model('ich9-usb-uhci2', 'usb', 'UHCI 2 of ICH9')],
  ['8086:2936', model('ich9-usb-uhci3', 'usb', 'UHCI 3 of ICH9')],
  ['8086:2937', model('ich9-usb-uhci4', 'usb', 'UHCI 4 of ICH9')],
  ['8086:2938', model('ich9-usb-uhci5', 'usb', 'UHCI 5 of ICH9')],
  ['8086:2939', model('ich9-usb-uhci6', 'usb', 'UHCI 6 of ICH9')],
  ['1274:5000', model('ES1370', 'plain', 'ES1370 audio, conventional PCI')],
  ['8086:2922', model('ich9-ahci', 'plain', 'AHCI of ICH9')],
]);

/** What the q35 machine type has by itself; `switchOff` is the machine property without which it is there. */
export const chipsetDevices: readonly {
  readonly device: number;
  readonly fn: number;
  readonly id: string;
  readonly label: string;
  readonly switchOff?: string;
}[] = [
  { device: 0x00, fn: 0, id: '8086:29c0', label: 'host bridge' },
  { device: 0x1f, fn: 0, id: '8086:2918', label: 'LPC bridge' },
  { device: 0x1f, fn: 2, id: '8086:2922', label: 'SATA controller', switchOff: 'sata=off' },
  { device: 0x1f, fn: 3, id: '8086:2930', label: 'SMBus controller', switchOff: 'smbus=off' },
];
