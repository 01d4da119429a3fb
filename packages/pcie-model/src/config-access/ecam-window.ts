import { type AccessSize, type Address, assert } from '@quiesce/simulation';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

const PER_BUS = 0x10_0000;

/** Which buses of which segment a window shows, and where. */
export interface EcamWindowOptions {
  readonly segment: number;
  /** Address of bus 0 of the segment, whether that bus is in the window or not. */
  readonly base: Address;
  readonly firstBus: number;
  readonly lastBus: number;
}

/**
 * The enhanced configuration access mechanism (PCIe 7.2.2): 4,096 bytes a function at
 * `base + (bus << 20 | device << 15 | function << 12)`. It answers only while `enabled`. An access across the end of
 * a function's space is made byte by byte.
 */
export class EcamWindow {
  readonly segment: number;
  readonly base: Address;
  readonly firstBus: number;
  readonly lastBus: number;
  /** First address, and the one behind the last. */
  readonly start: Address;
  readonly end: Address;
  /** Firmware or chipset has opened the window. */
  enabled = true;
  readonly #hierarchy: PcieHierarchy;

  constructor(hierarchy: PcieHierarchy, options: EcamWindowOptions) {
    const { segment, base, firstBus, lastBus } = options;
    assert(base % PER_BUS === 0, 'an ECAM window begins at a multiple of 1 MiB');
    assert(firstBus >= 0 && firstBus <= lastBus && lastBus <= 255, 'an ECAM window has buses 0 to 255');
    this.#hierarchy = hierarchy;
    this.segment = segment;
    this.base = base;
    this.firstBus = firstBus;
    this.lastBus = lastBus;
    this.start = base + firstBus * PER_BUS;
    this.end = base + (lastBus + 1) * PER_BUS;
  }

  /** Whether an access to `address` is a configuration access. */
  claims(address: Address): boolean {
    return this.enabled && address >= this.start && address < this.end;
  }

  /** The CPU reads memory. All ones outside of the window and where nothing answers. */
  readAddress(address: Address, size: AccessSize): number {
    if (!this.claims(address)) return ones(size);
    const at = address - this.base;
    if ((at & 0xfff) + size > 0x1000) {
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + this.readAddress(address + i, 1);
      return value;
    }
    return this.#hierarchy.configRead(
      this.segment,
      at >>> 20,
      (at >>> 15) & 31,
      (at >>> 12) & 7,
      at & 0xfff,
      size,
    );
  }

  /** The CPU writes memory. */
  writeAddress(address: Address, size: AccessSize, value: number): void {
    if (!this.claims(address)) return;
    const at = address - this.base;
    if ((at & 0xfff) + size > 0x1000) {
      for (let i = 0; i < size; i++) this.writeAddress(address + i, 1, (value >>> (i * 8)) & 0xff);
      return;
    }
    this.#hierarchy.configWrite(
      this.segment,
      at >>> 20,
      (at >>> 15) & 31,
      (at >>> 12) & 7,
      at & 0xfff,
      size,
      value,
    );
  }

  /** `offset` is 0 .. 4,095. */
  read(bus: number, device: number, fn: number, offset: number, size: AccessSize): number {
    return this.readAddress(this.base + bus * PER_BUS + device * 0x8000 + fn * 0x1000 + offset, size);
  }

  write(bus: number, device: number, fn: number, offset: number, size: AccessSize, value: number): void {
    this.writeAddress(this.base + bus * PER_BUS + device * 0x8000 + fn * 0x1000 + offset, size, value);
  }
}

function ones(size: AccessSize): number {
  return size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff;
}
