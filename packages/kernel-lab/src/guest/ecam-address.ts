/** Where a function's config space stands in an ECAM window (PCIe 7.2.2). @param base of the window, for bus 0 */
export function ecamAddress(base: number, bus: number, device: number, fn: number): number {
  return base + bus * 0x10_0000 + device * 0x8000 + fn * 0x1000;
}
