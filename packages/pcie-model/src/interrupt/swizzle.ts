import type { PcieFunction } from '../topology/pcie-function.ts';

/**
 * Which pin (1 INTA .. 4 INTD) of the topmost bridge a function's INTx comes out at: each bridge maps the pins of its
 * secondary side by device number (PCIe 2.2.8.1, table 2-21; PCI-to-PCI Bridge Architecture 9.1).
 */
export function rootPin(fn: PcieFunction, pin: number): number {
  let at = fn;
  let swizzled = pin - 1;
  while (at.parent !== undefined) {
    swizzled = (swizzled + at.description.device) % 4;
    at = at.parent;
  }
  return swizzled + 1;
}
