import type { Type1ConfigAccess } from '@quiesce/strategy';
import { type EarlyFunction, findCapability } from './early-function.ts';

const COMMAND = 0x04;
const INTERRUPT_DISABLE = 1 << 10;
const MSI = 0x05;
const MSIX = 0x11;

/**
 * A first kernel that used MSI has set Interrupt Disable, and restoring Command brings that back; the reset has
 * switched MSI off. Without either, a second kernel that runs its drivers on INTx would never see an interrupt.
 */
export function enableIntxWithoutMsi(type1: Type1ConfigAccess, { bus, device, fn }: EarlyFunction): void {
  const msi = findCapability(type1, bus, device, fn, MSI);
  if (msi !== 0 && (type1.read16(bus, device, fn, msi + 2) & 0x0001) !== 0) return;
  const msix = findCapability(type1, bus, device, fn, MSIX);
  if (msix !== 0 && (type1.read16(bus, device, fn, msix + 2) & 0x8000) !== 0) return;
  const command = type1.read16(bus, device, fn, COMMAND);
  if ((command & INTERRUPT_DISABLE) !== 0) {
    type1.write16(bus, device, fn, COMMAND, command & ~INTERRUPT_DISABLE);
  }
}
