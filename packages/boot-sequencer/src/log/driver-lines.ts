import { fillMessage } from './fill-message.ts';

/**
 * What drivers print when their device works, for those whose probe is silent here. `{device}` is the PCI name,
 * `{n}` counts the devices of this driver from 0, `{next}` from 1.
 */
const working: Readonly<Record<string, string>> = {
  e1000e: 'e1000e {device} eth{n}: NIC Link is Up',
  nvme: 'nvme nvme{n}: pci function {device}',
  ahci: 'ata{next}: SATA link up',
  mpt3sas: 'scsi host{n}: Fusion MPT SAS Host',
  uhci_hcd: 'uhci_hcd {device}: UHCI Host Controller',
  'ehci-pci': 'ehci-pci {device}: EHCI Host Controller',
  xhci_hcd: 'xhci_hcd {device}: xHCI Host Controller',
};

/** The line of each device that comes up; devices are numbered driver by driver. */
export class DriverLines {
  readonly #counts = new Map<string, number>();

  /** Undefined where the driver says nothing. */
  cameUp(driver: string, device: string): string | undefined {
    const wording = working[driver];
    if (wording === undefined) return undefined;
    const n = this.#counts.get(driver) ?? 0;
    this.#counts.set(driver, n + 1);
    return fillMessage(wording, { device, n, next: n + 1 });
  }
}
