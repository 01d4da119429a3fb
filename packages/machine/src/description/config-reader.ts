/** Looks into a captured config space. Reads beyond its end give 0. */
export class ConfigReader {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  u8(offset: number): number {
    return this.bytes[offset] ?? 0;
  }

  u16(offset: number): number {
    return this.u8(offset) | (this.u8(offset + 1) << 8);
  }

  u32(offset: number): number {
    return this.u16(offset) + this.u16(offset + 2) * 0x1_0000;
  }

  /** Every byte of the header is ff: the function was powered off or gone. */
  get isAbsent(): boolean {
    for (let i = 0; i < 64; i++) if (this.u8(i) !== 0xff) return false;
    return true;
  }

  /** Base class, sub-class and programming interface. */
  get classCode(): number {
    return this.u32(0x08) >>> 8;
  }

  /** 0 endpoint, 1 bridge, 2 CardBus bridge. */
  get headerType(): number {
    return this.u8(0x0e) & 0x7f;
  }

  get isBridge(): boolean {
    return this.headerType === 1 && !this.isAbsent;
  }

  /** Offset of a capability, 0 if there is none. Lists with loops end. */
  capability(id: number): number {
    if (this.isAbsent || (this.u16(0x06) & 0x10) === 0) return 0;
    let at = this.u8(0x34) & 0xfc;
    for (let steps = 0; at >= 0x40 && steps < 48; steps++) {
      if (this.u8(at) === id) return at;
      at = this.u8(at + 1) & 0xfc;
    }
    return 0;
  }

  /** Offset of an extended capability, 0 if there is none. */
  extendedCapability(id: number): number {
    if (this.bytes.length <= 0x100) return 0;
    let at = 0x100;
    for (let steps = 0; at >= 0x100 && steps < 960; steps++) {
      const header = this.u32(at);
      if (header === 0 || header === 0xffff_ffff) return 0;
      if (header % 0x1_0000 === id) return at;
      at = (header >>> 20) & 0xffc;
    }
    return 0;
  }

  /** Device/Port Type of the PCI Express capability; undefined for a conventional function. */
  get expressType(): number | undefined {
    const at = this.capability(0x10);
    return at === 0 ? undefined : (this.u8(at + 2) >> 4) & 0xf;
  }
}

/** A base address register as programmed. */
export interface CapturedBar {
  readonly index: number;
  readonly kind: 'memory' | 'memory64' | 'io';
  readonly address: number;
}

/** The BARs that hold an address or a type bit, upper halves of 64-bit ones left out. */
export function capturedBars(config: ConfigReader): CapturedBar[] {
  const bars: CapturedBar[] = [];
  if (config.isAbsent) return bars;
  const count = config.headerType === 0 ? 6 : config.headerType === 1 ? 2 : 0;
  for (let index = 0; index < count; index++) {
    const low = config.u32(0x10 + 4 * index);
    if ((low & 1) === 1) {
      bars.push({ index, kind: 'io', address: (low & 0xffff_fffc) >>> 0 });
    } else if ((low & 6) === 4 && index + 1 < count) {
      const high = config.u32(0x14 + 4 * index);
      bars.push({ index, kind: 'memory64', address: high * 2 ** 32 + ((low & 0xffff_fff0) >>> 0) });
      index++;
    } else if (low !== 0) {
      bars.push({ index, kind: 'memory', address: (low & 0xffff_fff0) >>> 0 });
    }
  }
  return bars;
}
