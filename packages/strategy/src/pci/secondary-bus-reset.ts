import type { PciDevice } from '../services/pci-device.ts';

const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 1 << 6;
/** Trst is at least 1 ms (PCIe 7.5.1.3.13); Linux holds twice as long. */
const HOLD_MS = 2;

/**
 * Hot reset of everything below `port`, held for 2 ms. The caller waits before it touches what is there: 100 ms at
 * least (PCIe 6.6.1).
 */
export function secondaryBusReset(port: PciDevice, delay: (ms: number) => void): void {
  const control = port.readConfig16(BRIDGE_CONTROL);
  port.writeConfig16(BRIDGE_CONTROL, control | SECONDARY_BUS_RESET);
  delay(HOLD_MS);
  port.writeConfig16(BRIDGE_CONTROL, control & ~SECONDARY_BUS_RESET);
}
