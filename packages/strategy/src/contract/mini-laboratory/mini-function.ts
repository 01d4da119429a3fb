/** What a small fake function is made of. */
export interface MiniFunctionDescription {
  /** `0000:01:00.0`, segment 0. */
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  /** 24 bits. */
  readonly classCode: number;
  /** Device/port type of its PCI Express capability; undefined for conventional PCI. */
  readonly pcieType?: number;
  /** Primary, secondary, subordinate bus: makes it a bridge. */
  readonly buses?: readonly [number, number, number];
  /** MSI was on when the first kernel died; false leaves the function without the capability. */
  readonly msi?: boolean;
  /** The second kernel has a driver for it. */
  readonly driver?: boolean;
  /** Device Capabilities promise a function level reset (PCIe 6.6.2). Default false. */
  readonly functionLevelReset?: boolean;
  /** Going from D3hot to D0 resets it: No_Soft_Reset is clear (PCIe 5.3.1.4). Default false. */
  readonly softReset?: boolean;
}

const PM = 0x40;
const MSI = 0x50;
const PCIE = 0x60;
/** Milliseconds after a reset in which nothing answers (PCIe 6.6.1). */
const HOLD_OFF_MS = 100;
/** Milliseconds from D3hot to D0 (PCIe 5.9). */
const D3HOT_RECOVERY_MS = 10;
const D3HOT = 3;

/** One function: 256 bytes of config space with write masks, and what a reset does to them. */
export class MiniFunction {
  readonly description: MiniFunctionDescription;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** How many resets have reached it. */
  resets = 0;
  /** How many of these firmware has made because it was asked to. */
  resetsByFirmware = 0;
  readonly #bytes: Uint8Array = new Uint8Array(256);
  readonly #writable: Uint8Array = new Uint8Array(256);
  readonly #afterReset: Uint8Array;
  #answersFrom = 0;

  /** `multifunction`: there is another function of the same device. */
  constructor(description: MiniFunctionDescription, multifunction = false) {
    this.description = description;
    const [, bus, device, fn] = description.name.split(/[:.]/).map((part) => Number.parseInt(part, 16));
    this.bus = bus ?? 0;
    this.device = device ?? 0;
    this.fn = fn ?? 0;
    this.#layOut(multifunction ? 0x80 : 0);
    this.#afterReset = this.#bytes.slice();
    this.#asLeftByFirstKernel();
  }

  get requesterId(): number {
    return this.bus * 256 + this.device * 8 + this.fn;
  }

  get isBridge(): boolean {
    return this.description.buses !== undefined;
  }

  /** Masters the bus: enabled, powered (D0), out of reset. */
  masters(nowMs: number): boolean {
    const powered = this.description.pcieType === undefined || this.powerState === 0;
    return this.answers(nowMs) && powered && (this.peek(4) & 4) !== 0;
  }

  answers(nowMs: number): boolean {
    return nowMs >= this.#answersFrom;
  }

  /** Reset line held: nothing answers until {@link releaseReset}. */
  holdReset(byFirmware = false): void {
    this.#bytes.set(this.#afterReset);
    this.#answersFrom = Number.POSITIVE_INFINITY;
    this.resets++;
    if (byFirmware) this.resetsByFirmware++;
  }

  releaseReset(nowMs: number): void {
    this.#answersFrom = nowMs + HOLD_OFF_MS;
  }

  read(offset: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.#bytes[offset + i] ?? 0);
    return value;
  }

  write(offset: number, size: number, value: number): void {
    for (let i = 0; i < size; i++) {
      const mask = this.#writable[offset + i] ?? 0;
      const old = this.#bytes[offset + i] ?? 0;
      const byte = Math.floor(value / 256 ** i) & 0xff;
      this.#bytes[offset + i] = (old & ~mask) | (byte & mask);
    }
  }

  get powerState(): number {
    return this.peek(PM + 4) & D3HOT;
  }

  /** After a write: Initiate Function Level Reset, or the way from D3hot to D0, resets the function alone. */
  resetItself(powerStateBefore: number, nowMs: number): void {
    const { functionLevelReset, softReset } = this.description;
    if (functionLevelReset === true && (this.peek(PCIE + 9) & 0x80) !== 0) {
      this.holdReset();
      this.#answersFrom = nowMs + HOLD_OFF_MS;
    } else if (softReset === true && powerStateBefore === D3HOT && this.powerState === 0) {
      this.holdReset();
      this.#answersFrom = nowMs + D3HOT_RECOVERY_MS;
    }
  }

  /** Byte at `offset`, whether it answers or not. */
  peek(offset: number): number {
    return this.#bytes[offset] ?? 0;
  }

  /** A copy of all 256 bytes. */
  image(): Uint8Array {
    return this.#bytes.slice();
  }

  /** The capability that covers `offset`. */
  capabilityAt(offset: number): { id: number; extended: false; offset: number } | undefined {
    for (let at = this.peek(0x34); at !== 0; at = this.peek(at + 1)) {
      const size = this.peek(at) === 0x10 ? 0x3c : 0x10;
      if (offset >= at && offset < at + size) {
        return { id: this.peek(at), extended: false, offset: offset - at };
      }
    }
    return undefined;
  }

  #layOut(multifunction: number): void {
    const { vendorId, deviceId, classCode, buses, pcieType, msi, functionLevelReset, softReset } =
      this.description;
    this.#set(0x00, 2, vendorId);
    this.#set(0x02, 2, deviceId);
    this.#set(0x04, 2, 0, 0x0547);
    this.#set(0x08, 4, classCode * 256 + 1);
    this.#set(0x0c, 1, 0, 0xff);
    this.#set(0x0e, 1, (buses === undefined ? 0 : 1) + multifunction);
    this.#set(0x10, 4, 0, buses === undefined ? 0xffff_f000 : 0);
    if (buses === undefined) this.#set(0x14, 4, 0, 0xffff_f000);
    else {
      for (const offset of [0x18, 0x20, 0x24, 0x28, 0x2c]) this.#set(offset, 4, 0, 0xffff_ffff);
      this.#set(0x1c, 2, 0, 0xf0f0);
      this.#set(0x3e, 2, 0, 0x007f);
    }
    this.#set(0x3c, 1, 0, 0xff);
    if (pcieType === undefined) return;
    const chain = msi === undefined ? [PM, PCIE] : [PM, MSI, PCIE];
    this.#set(0x06, 2, 0x0010);
    this.#set(0x34, 1, PM);
    for (const [index, at] of chain.entries()) this.#set(at + 1, 1, chain[index + 1] ?? 0);
    this.#set(PM, 1, 0x01);
    // Power state is writable; No_Soft_Reset says that D3hot keeps the rest.
    this.#set(PM + 4, 2, softReset === true ? 0 : 0x0008, 0x0003);
    if (msi !== undefined) {
      this.#set(MSI, 1, 0x05);
      this.#set(MSI + 2, 2, 0x0080, 0x0071);
      this.#set(MSI + 4, 4, 0, 0xffff_fffc);
      this.#set(MSI + 8, 4, 0, 0xffff_ffff);
      this.#set(MSI + 12, 2, 0, 0xffff);
    }
    this.#set(PCIE, 1, 0x10);
    this.#set(PCIE + 2, 2, 2 + pcieType * 16);
    this.#set(PCIE + 4, 4, functionLevelReset === true ? 0x1000_0000 : 0);
    this.#set(PCIE + 8, 2, 0x2810, functionLevelReset === true ? 0xffff : 0x7fff);
    this.#set(PCIE + 16, 2, 0, 0x01fb);
    this.#set(PCIE + 40, 2, 0, 0x001f);
  }

  #asLeftByFirstKernel(): void {
    const { buses, msi, pcieType } = this.description;
    this.write(0x3c, 1, 11);
    this.write(0x0c, 1, 16);
    if (buses === undefined) {
      this.write(0x10, 4, 0xfe00_0000 + this.requesterId * 0x1000);
    } else {
      this.write(0x18, 4, buses[0] + buses[1] * 0x100 + buses[2] * 0x1_0000);
      this.write(0x20, 4, 0xfe10_fe00);
    }
    this.write(0x04, 2, msi === true ? 0x0406 : 0x0006);
    if (pcieType === undefined) return;
    this.write(PCIE + 8, 2, 0x2937);
    if (msi === true) {
      this.write(MSI + 4, 4, 0xfee0_0018);
      this.write(MSI + 12, 2, 0x0031);
      this.write(MSI + 2, 2, 0x0001);
    }
  }

  #set(offset: number, size: number, value: number, writable = 0): void {
    for (let i = 0; i < size; i++) {
      this.#bytes[offset + i] = Math.floor(value / 256 ** i) & 0xff;
      this.#writable[offset + i] = Math.floor(writable / 256 ** i) & 0xff;
    }
  }
}
