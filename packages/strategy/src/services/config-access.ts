/**
 * Configuration mechanism #1 (ports 0xCF8 and 0xCFC) as a kernel's early helpers offer it: segment 0,
 * 256 bytes a function, no device objects. Reads of what does not answer give all ones.
 * Offsets are 0 .. 255; a wider access must not cross a dword.
 */
export interface Type1ConfigAccess {
  read8(bus: number, device: number, fn: number, offset: number): number;
  read16(bus: number, device: number, fn: number, offset: number): number;
  read32(bus: number, device: number, fn: number, offset: number): number;
  write8(bus: number, device: number, fn: number, offset: number, value: number): void;
  write16(bus: number, device: number, fn: number, offset: number, value: number): void;
  write32(bus: number, device: number, fn: number, offset: number, value: number): void;
}

/** The memory-mapped way (ECAM, "MMCONFIG"): every segment, 4,096 bytes a function. */
export interface MmconfigAccess {
  read8(segment: number, bus: number, device: number, fn: number, offset: number): number;
  read16(segment: number, bus: number, device: number, fn: number, offset: number): number;
  read32(segment: number, bus: number, device: number, fn: number, offset: number): number;
  write8(segment: number, bus: number, device: number, fn: number, offset: number, value: number): void;
  write16(segment: number, bus: number, device: number, fn: number, offset: number, value: number): void;
  write32(segment: number, bus: number, device: number, fn: number, offset: number, value: number): void;
}
