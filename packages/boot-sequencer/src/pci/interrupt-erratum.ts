import type { ConfigPort } from './config-port.ts';
import { PCI } from './registers.ts';

const INTEL = 0x8086;
/** Host bridges of Intel 5500, 5520 and X58. */
const TYLERSBURG: readonly number[] = [0x3403, 0x3405, 0x3406];
const REVISION = 0x08;

/**
 * The chipset cannot drain interrupts that are under way when remapping entries change (errata 47 and 53 of Intel 5500,
 * 5520 and X58): intel_remapping_check of the early quirks, which reads the host bridge by type 1 accesses.
 */
export function hasInterruptErratum(port: ConfigPort): boolean {
  const ids = port.read(0, 0, 0, 0, PCI.vendorId, 4);
  const device = ids >>> 16;
  if ((ids & 0xffff) !== INTEL || !TYLERSBURG.includes(device)) return false;
  const revision = port.read(0, 0, 0, 0, REVISION, 1);
  return revision <= 0x13 || (device === 0x3405 && revision === 0x22);
}
