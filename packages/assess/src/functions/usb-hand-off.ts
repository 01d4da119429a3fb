import type { Evidence } from '@quiesce/report';
import { rule } from './evidence.ts';
import type { ViewedFunction } from './machine-view.ts';

/** Programming interfaces of USB controllers that the quirk knows: UHCI, OHCI, EHCI, xHCI. */
const INTERFACES: readonly number[] = [0x00, 0x10, 0x20, 0x30];

/** Whether a crash kernel halts the function long before any driver, because firmware may have run it: a USB controller. */
export function isHandedOff({ config }: Pick<ViewedFunction, 'config'>): boolean {
  const { classCode } = config;
  return classCode >>> 8 === 0x0c03 && INTERFACES.includes(classCode & 0xff);
}

/** Where the kernel does it. */
export const handOff: Evidence = rule(
  'drivers/usb/host/pci-quirks.c',
  'quirk_usb_early_handoff halts USB controllers at the final PCI fixups, before remapping units are set up',
);
