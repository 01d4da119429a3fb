import type { Address } from '@quiesce/simulation';

/** Legacy VGA memory, 0xA0000 to 0xBFFFF (PCI-to-PCI Bridge Architecture 3.2.5.18). */
export function isVgaMemory(address: Address): boolean {
  return address >= 0xa_0000 && address < 0xc_0000;
}

/** Legacy VGA ports, and unless `allBits` their aliases in the upper six address bits. */
export function isVgaPort(port: number, allBits: boolean): boolean {
  if (port > 0xffff) return false;
  const decoded = allBits ? port : port & 0x3ff;
  return (decoded >= 0x3b0 && decoded <= 0x3bb) || (decoded >= 0x3c0 && decoded <= 0x3df);
}
