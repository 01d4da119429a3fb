import { requesterName } from '@quiesce/machine';
import type { PciDevice } from '@quiesce/strategy';
import type { ConfigPort } from './config-port.ts';
import { PCI } from './registers.ts';

/** One base address register as sizing found it. */
export interface KernelBar {
  readonly index: number;
  readonly kind: 'io' | 'memory';
  readonly wide: boolean;
  readonly prefetchable: boolean;
  readonly size: number;
  /** Offset of its register; default: in the header, by {@link index}. */
  readonly offset?: number;
}

/** A function as the second kernel's enumeration knows it; every access goes over the port. */
export class KernelPciDevice implements PciDevice {
  readonly segment: number;
  bus: number;
  readonly device: number;
  readonly fn: number;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly classCode: number;
  readonly headerType: number;
  readonly pcieType: number | undefined;
  readonly upstream: KernelPciDevice | undefined;
  readonly children: KernelPciDevice[] = [];
  hasDriver = false;
  bars: readonly KernelBar[] = [];
  /** BARs of its virtual functions, each for all of them together. */
  virtualBars: readonly KernelBar[] = [];
  /** Config space went missing after enumeration. */
  readonly #port: () => ConfigPort;

  constructor(
    port: () => ConfigPort,
    place: { segment: number; bus: number; device: number; fn: number },
    upstream: KernelPciDevice | undefined,
  ) {
    this.#port = port;
    this.segment = place.segment;
    this.bus = place.bus;
    this.device = place.device;
    this.fn = place.fn;
    this.upstream = upstream;
    const ids = this.readConfig32(PCI.vendorId);
    this.vendorId = ids & 0xffff;
    this.deviceId = ids >>> 16;
    this.classCode = this.readConfig32(PCI.classRevision) >>> 8;
    this.headerType = this.readConfig8(PCI.headerType) & 0x7f;
    const express = this.findCapability(0x10);
    this.pcieType = express === 0 ? undefined : (this.readConfig16(express + 2) >>> 4) & 0xf;
  }

  /** The way to config space that this kernel has for the function now. */
  get port(): ConfigPort {
    return this.#port();
  }

  get name(): string {
    return `${this.segment.toString(16).padStart(4, '0')}:${requesterName(this.requesterId)}`;
  }

  get requesterId(): number {
    return (this.bus << 8) | (this.device << 3) | this.fn;
  }

  readConfig8(offset: number): number {
    return this.#port().read(this.segment, this.bus, this.device, this.fn, offset, 1);
  }

  readConfig16(offset: number): number {
    return this.#port().read(this.segment, this.bus, this.device, this.fn, offset, 2);
  }

  readConfig32(offset: number): number {
    return this.#port().read(this.segment, this.bus, this.device, this.fn, offset, 4);
  }

  writeConfig8(offset: number, value: number): void {
    this.#port().write(this.segment, this.bus, this.device, this.fn, offset, 1, value);
  }

  writeConfig16(offset: number, value: number): void {
    this.#port().write(this.segment, this.bus, this.device, this.fn, offset, 2, value);
  }

  writeConfig32(offset: number, value: number): void {
    this.#port().write(this.segment, this.bus, this.device, this.fn, offset, 4, value);
  }

  findCapability(id: number): number {
    if ((this.readConfig16(6) & 0x10) === 0) return 0;
    let at = this.readConfig8(PCI.capabilityPointer) & 0xfc;
    // A list longer than this has a loop.
    for (let steps = 0; at >= 0x40 && steps < 48; steps++) {
      const header = this.readConfig16(at);
      if (header === 0xffff) return 0;
      if ((header & 0xff) === id) return at;
      at = (header >>> 8) & 0xfc;
    }
    return 0;
  }

  findExtendedCapability(id: number): number {
    let at = 0x100;
    for (let steps = 0; at >= 0x100 && steps < 960; steps++) {
      const header = this.readConfig32(at);
      if (header === 0 || header === 0xffff_ffff) return 0;
      if ((header & 0xffff) === id) return at;
      at = (header >>> 20) & 0xffc;
    }
    return 0;
  }
}
