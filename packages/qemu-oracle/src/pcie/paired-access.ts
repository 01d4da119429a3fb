import type { PcieFunction } from '@quiesce/pcie-model';
import type { AccessSize } from '@quiesce/simulation';
import { ecamAddress } from './firmware.ts';
import { type FunctionMasks, functionMasks } from './function-masks.ts';
import type { ModelTree } from './model-tree.ts';

const SUFFIX = { 1: 'b', 2: 'w', 4: 'l' } as const;
const HIGH = 0x1_0000_0000;

/** What QEMU must answer. */
export type Expectation =
  | { readonly kind: 'value'; readonly expected: number; readonly uncompared: number; readonly what: string }
  | { readonly kind: 'image'; readonly expected: Uint8Array; readonly fn: PcieFunction };

/**
 * One side makes an access at once, the other is told to: the model answers, and the command for QEMU is kept together with
 * the answer that it must give. Cases are thus written once, and thousands of commands go to QEMU in one round.
 */
export class PairedAccess {
  readonly model: ModelTree;
  readonly masks: readonly FunctionMasks[];
  commands: string[] = [];
  expectations: (Expectation | undefined)[] = [];

  constructor(model: ModelTree) {
    this.model = model;
    this.masks = model.hierarchy.functions.map(functionMasks);
  }

  /** Reads through the ECAM window. */
  ecamRead(bus: number, devfn: number, offset: number, size: AccessSize): void {
    const address = ecamAddress(bus, devfn, offset);
    const expected = this.model.fabric.mmioRead(address, size);
    const uncompared = this.#maskOf(bus, devfn, offset, size);
    this.#expect(`read${SUFFIX[size]} ${hex(address)}`, expected, uncompared, place(bus, devfn, offset));
  }

  /** Writes through the ECAM window; bits that are not to be written are left out. */
  ecamWrite(bus: number, devfn: number, offset: number, size: AccessSize, value: number): void {
    this.ecamOrder(bus, devfn, offset, size, this.#allowed(bus, devfn, offset, size, value));
  }

  /** Likewise, every bit: for steps that start something on purpose. */
  ecamOrder(bus: number, devfn: number, offset: number, size: AccessSize, data: number): void {
    const address = ecamAddress(bus, devfn, offset);
    this.model.fabric.mmioWrite(address, size, data);
    this.model.settle();
    this.tell(`write${SUFFIX[size]} ${hex(address)} ${hex(data)}`);
  }

  /** Reads through ports 0xcf8 and 0xcfc. `offset`: 0 to 255, the access stays in its dword. */
  portsRead(bus: number, devfn: number, offset: number, size: AccessSize): void {
    this.#latch(bus, devfn, offset);
    const port = 0xcfc + (offset & 3);
    const expected = this.model.fabric.ioRead(port, size);
    const uncompared = this.#maskOf(bus, devfn, offset, size);
    this.#expect(`in${SUFFIX[size]} ${hex(port)}`, expected, uncompared, place(bus, devfn, offset));
  }

  /** Writes through ports 0xcf8 and 0xcfc. */
  portsWrite(bus: number, devfn: number, offset: number, size: AccessSize, value: number): void {
    const data = this.#allowed(bus, devfn, offset, size, value);
    this.#latch(bus, devfn, offset);
    const port = 0xcfc + (offset & 3);
    this.model.fabric.ioWrite(port, size, data);
    this.model.settle();
    this.tell(`out${SUFFIX[size]} ${hex(port)} ${hex(data)}`);
  }

  /** Compares the whole config space of a function that stands at `bus`. */
  image(fn: PcieFunction, bus: number): void {
    const expected = fn.config.file.bytes();
    this.commands.push(`b64read ${hex(ecamAddress(bus, fn.devfn, 0))} ${hex(fn.config.size)}`);
    this.expectations.push({ kind: 'image', expected, fn });
  }

  /** A command to QEMU alone. */
  tell(command: string): void {
    this.commands.push(command);
    this.expectations.push(undefined);
  }

  /** Gives QEMU the values that the model has in the writable dwords of a function, whose state QEMU did not change. */
  compensate(fn: PcieFunction, bus: number): void {
    const { file } = fn.config;
    for (let offset = 4; offset < fn.config.size; offset += 4) {
      let writable = 0;
      for (let i = 0; i < 4; i++) writable |= file.writableMask(offset + i);
      if (writable === 0) continue;
      this.tell(`writel ${hex(ecamAddress(bus, fn.devfn, offset))} ${hex(file.peek32(offset))}`);
    }
  }

  #latch(bus: number, devfn: number, offset: number): void {
    const address = (0x8000_0000 + bus * 0x1_0000 + devfn * 0x100 + (offset & 0xfc)) >>> 0;
    this.model.fabric.ioWrite(0xcf8, 4, address);
    this.tell(`outl 0xcf8 ${hex(address)}`);
  }

  #expect(command: string, expected: number, uncompared: number, what: string): void {
    this.commands.push(command);
    this.expectations.push({ kind: 'value', expected, uncompared, what });
  }

  #maskOf(bus: number, devfn: number, offset: number, size: AccessSize): number {
    let mask = 0;
    for (let i = size - 1; i >= 0; i--)
      mask = mask * 256 + this.#byteOf('uncompared', bus, devfn, offset + i);
    return mask;
  }

  #allowed(bus: number, devfn: number, offset: number, size: AccessSize, value: number): number {
    let kept = 0;
    for (let i = size - 1; i >= 0; i--) {
      const byte = Math.floor(value / 256 ** i) & 0xff;
      kept = kept * 256 + (byte & ~this.#byteOf('unwritten', bus, devfn, offset + i));
    }
    return kept;
  }

  #byteOf(which: 'uncompared' | 'unwritten', bus: number, devfn: number, offset: number): number {
    // An access at the end of a function's 4,096 bytes reaches the next function's.
    const fn = this.model.at(bus + ((devfn + (offset >>> 12)) >>> 8), (devfn + (offset >>> 12)) & 0xff);
    return fn === undefined ? 0 : (this.masks[fn.index]?.[which][offset & 0xfff] ?? 0);
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Name of a place in config space: `05:00.0+4`. */
export function place(bus: number, devfn: number, offset: number): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(bus)}:${two(devfn >>> 3)}.${devfn & 7}+${offset.toString(16)}`;
}

void HIGH;
