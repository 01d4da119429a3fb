import type { AccessSize, RunningHash, Snapshottable } from '@quiesce/simulation';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
const ENABLE = 0x8000_0000;

/**
 * PCI configuration mechanism #1 (PCI Local Bus Specification 3.0, 3.2.2.3.2): an address latch at port 0xCF8, data
 * at 0xCFC. Segment 0 and 256 bytes a function; the latch takes dword accesses only. Bytes of an access that go beyond
 * 0xCFF belong to other ports: they read as ones and are not written.
 */
export class Type1Mechanism implements Snapshottable<number> {
  readonly #hierarchy: PcieHierarchy;
  #address = 0;

  constructor(hierarchy: PcieHierarchy) {
    this.#hierarchy = hierarchy;
  }

  /** Whether `port` belongs to the mechanism. */
  claims(port: number): boolean {
    return port >= ADDRESS_PORT && port < DATA_PORT + 4;
  }

  /** The CPU reads a port. All ones where nothing answers. */
  in(port: number, size: AccessSize): number {
    if (port === ADDRESS_PORT && size === 4) return this.#address;
    if (port < DATA_PORT || port >= DATA_PORT + 4 || this.#address < ENABLE) return ones(size);
    const within = DATA_PORT + 4 - port;
    if (size > within) {
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + (i < within ? this.in(port + i, 1) : 0xff);
      return value;
    }
    const address = this.#address;
    return this.#hierarchy.configRead(
      0,
      (address >>> 16) & 0xff,
      (address >>> 11) & 31,
      (address >>> 8) & 7,
      (address & 0xfc) + (port & 3),
      size,
    );
  }

  /** The CPU writes a port. */
  out(port: number, size: AccessSize, value: number): void {
    if (port === ADDRESS_PORT && size === 4) {
      this.#address = (value & 0x80ff_fffc) >>> 0;
      return;
    }
    if (port < DATA_PORT || port >= DATA_PORT + 4 || this.#address < ENABLE) return;
    const within = DATA_PORT + 4 - port;
    if (size > within) {
      for (let i = 0; i < within; i++) this.out(port + i, 1, (value >>> (i * 8)) & 0xff);
      return;
    }
    const address = this.#address;
    this.#hierarchy.configWrite(
      0,
      (address >>> 16) & 0xff,
      (address >>> 11) & 31,
      (address >>> 8) & 7,
      (address & 0xfc) + (port & 3),
      size,
      value,
    );
  }

  /** Latch and read, as a kernel's helpers do. `offset` is 0 .. 255 and the access stays in one dword. */
  read(bus: number, device: number, fn: number, offset: number, size: AccessSize): number {
    this.out(ADDRESS_PORT, 4, latch(bus, device, fn, offset));
    return this.in(DATA_PORT + (offset & 3), size);
  }

  write(bus: number, device: number, fn: number, offset: number, size: AccessSize, value: number): void {
    this.out(ADDRESS_PORT, 4, latch(bus, device, fn, offset));
    this.out(DATA_PORT + (offset & 3), size, value);
  }

  snapshot(): number {
    return this.#address;
  }

  restore(state: number): void {
    this.#address = state;
  }

  hashInto(hash: RunningHash): void {
    hash.word(this.#address);
  }
}

function latch(bus: number, device: number, fn: number, offset: number): number {
  return (ENABLE | (bus << 16) | (device << 11) | (fn << 8) | (offset & 0xfc)) >>> 0;
}

function ones(size: AccessSize): number {
  return size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff;
}
