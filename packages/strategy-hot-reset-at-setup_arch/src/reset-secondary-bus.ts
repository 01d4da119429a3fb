import type { Type1ConfigAccess } from '@quiesce/strategy';
import type { EarlyFunction } from './early-function.ts';

const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 1 << 6;
/** Trst is at least 1 ms (PCIe 7.5.1.3.13). */
const HOLD_MS = 2;

/** Hot reset of everything below `port`. The caller waits before it touches what is there. */
export function resetSecondaryBus(
  type1: Type1ConfigAccess,
  delay: (ms: number) => void,
  { bus, device, fn }: EarlyFunction,
): void {
  const control = type1.read16(bus, device, fn, BRIDGE_CONTROL);
  type1.write16(bus, device, fn, BRIDGE_CONTROL, control | SECONDARY_BUS_RESET);
  delay(HOLD_MS);
  type1.write16(bus, device, fn, BRIDGE_CONTROL, control & ~SECONDARY_BUS_RESET);
}
