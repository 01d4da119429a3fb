import { requesterName } from '@quiesce/machine';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import type { Range } from '../pci/resource-assignment.ts';
import type { KernelMessages } from '../profile/kernel-messages.ts';
import { fillMessage, hex } from './fill-message.ts';

/** What enumeration prints, in the words of one kernel (pci_setup_device, pci_read_bridge_bases). */
export class PciLines {
  readonly #messages: KernelMessages;
  readonly #log: (line: string) => void;

  constructor(messages: KernelMessages, log: (line: string) => void) {
    this.#messages = messages;
    this.#log = log;
  }

  rootBus(segment: number, bus: number): void {
    const { rootBus } = this.#messages;
    if (rootBus !== null) this.#log(fillMessage(rootBus, { segment: hex(segment, 4), bus: hex(bus, 2) }));
  }

  found(device: KernelPciDevice): void {
    const { pciFunction } = this.#messages;
    if (pciFunction === null) return;
    this.#log(
      fillMessage(pciFunction, {
        device: device.name,
        place: requesterName(device.requesterId),
        vendor: hex(device.vendorId, 4),
        id: hex(device.deviceId, 4),
        type: device.headerType,
        type2: hex(device.headerType, 2),
        class: hex(device.classCode, 6),
        class4: hex(device.classCode >>> 8, 4),
      }),
    );
  }

  bridge(device: KernelPciDevice, secondary: number, subordinate: number): void {
    const { bridge } = this.#messages;
    if (bridge === null) return;
    const range = `${hex(secondary, 2)}-${hex(subordinate, 2)}`;
    const buses = secondary === subordinate ? hex(secondary, 2) : range;
    this.#log(fillMessage(bridge, { device: device.name, range, buses }));
  }

  window(device: KernelPciDevice, { start, end }: Range): void {
    const { bridgeWindow } = this.#messages;
    if (bridgeWindow === null) return;
    this.#log(fillMessage(bridgeWindow, { device: device.name, start: hex(start, 8), end: hex(end - 1, 8) }));
  }
}
