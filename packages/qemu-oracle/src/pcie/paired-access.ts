import type { PcieFunction } from '@quiesce/pcie-model';
import type { AccessSize } from '@quiesce/simulation';
import { ecamAddress } from './firmware.ts';
import { type FunctionMasks, functionMasks } from './function-masks.ts';
import type { ModelTree } from './model-tree.ts';

const SUFFIX = { 1: 'b', 2: 'w', 4: 'l' } as const;

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
  /** Writes from which bits were left out, by the deviation that says so. */
  readonly left: Map<string, number> = new Map();
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

  /** Reads a port of configuration mechanism #1. */
  portIn(port: number, size: AccessSize): void {
    const { type1 } = this.model.fabric;
    const expected = this.model.fabric.ioRead(port, size);
    const latch = type1.snapshot();
    const inside = Math.max(0, Math.min(size, 0xd00 - port)) as AccessSize;
    const isData = port >= 0xcfc && latch >= 0x8000_0000 && inside > 0;
    const offset = (latch & 0xfc) + (port & 3);
    const uncompared = isData ? this.#maskOf((latch >>> 16) & 0xff, (latch >>> 8) & 0xff, offset, inside) : 0;
    this.#expect(`in${SUFFIX[size]} ${hex(port)}`, expected, uncompared, `port ${hex(port)}`);
  }

  /** Writes a port of configuration mechanism #1. */
  portOut(port: number, size: AccessSize, value: number): void {
    this.model.fabric.ioWrite(port, size, value);
    this.model.settle();
    this.tell(`out${SUFFIX[size]} ${hex(port)} ${hex(value)}`);
  }

  /** Reads 4 bytes of memory or a port; `expected` undefined makes no access. */
  probe(at: number, io: boolean, expected: number | undefined): void {
    if (expected === undefined) return;
    this.#expect(`${io ? 'inl' : 'readl'} ${hex(at)}`, expected, 0, `${io ? 'port' : 'address'} ${hex(at)}`);
  }

  /** Compares the whole config space of a function that stands at `bus`. */
  image(fn: PcieFunction, bus: number): void {
    const expected = new Uint8Array(fn.config.size);
    const view = new DataView(expected.buffer);
    for (let at = 0; at < expected.length; at += 4) view.setUint32(at, fn.config.read(at, 4), true);
    this.commands.push(`b64read ${hex(ecamAddress(bus, fn.devfn, 0))} ${hex(fn.config.size)}`);
    this.expectations.push({ kind: 'image', expected, fn });
  }

  /** The commands so far have been sent. */
  forget(): void {
    this.commands = [];
    this.expectations = [];
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
      this.tellRegister(fn, bus, offset);
    }
  }

  /** Gives QEMU alone the dword that the model has at `offset` of a function. */
  tellRegister(fn: PcieFunction, bus: number, offset: number): void {
    this.tell(`writel ${hex(ecamAddress(bus, fn.devfn, offset))} ${hex(fn.config.file.peek32(offset))}`);
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
      const dropped = byte & this.#byteOf('unwritten', bus, devfn, offset + i);
      kept = kept * 256 + (byte & ~dropped);
      if (dropped === 0) continue;
      const fn = this.model.at(bus, devfn) as PcieFunction;
      for (const { id } of this.masks[fn.index]?.deviationsAt(offset + i, dropped) ?? []) {
        this.left.set(id, (this.left.get(id) ?? 0) + 1);
      }
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
