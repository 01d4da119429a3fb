import type { Duplex } from 'node:stream';
import { PATIENCE_MS, withDeadline } from '../process/deadline.ts';
import { QemuError } from '../process/qemu-error.ts';
import { acknowledgement, framePacket, PacketReader } from './gdb-packets.ts';
import { GuestRegisters } from './guest-registers.ts';

/** Bytes of memory in one packet: QEMU takes packets of 4,096 characters. */
const PACKET_BYTES = 1024;
/** A processor that stopped for a signal: `T05thread:01;` */
const STOPPED = /^[TS][0-9a-f]{2}/;

/**
 * QEMU's gdbstub: hardware breakpoints by virtual address, registers, memory as the stopped processor sees it.
 * Addresses are hexadecimal digits, because kernel addresses do not fit a number.
 */
export class GdbClient {
  readonly #stream: Duplex;
  readonly #answers: ((text: string) => void)[] = [];
  #stopped: ((text: string) => void) | undefined;
  #early: string | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    const reader = new PacketReader((text) => this.#take(text));
    stream.on('data', (chunk: Buffer) => reader.push(chunk));
    stream.on('error', () => {});
  }

  /** Asks why the guest stands still. The first command: QEMU stops a running guest when a debugger comes. */
  async attach(): Promise<void> {
    const answer = await this.#ask('?');
    if (!STOPPED.test(answer)) throw new QemuError('GDB_REFUSED', `gdbstub: ? answered ${answer}`);
  }

  /** Sets a hardware breakpoint. @param address 16 hexadecimal digits */
  async setBreakpoint(address: string): Promise<void> {
    await this.#expectOk(`Z1,${address},1`);
  }

  async clearBreakpoint(address: string): Promise<void> {
    await this.#expectOk(`z1,${address},1`);
  }

  /** Lets the guest run on. */
  continue(): void {
    this.#early = undefined;
    this.#stream.write(framePacket('c'));
  }

  /** Executes one instruction; interrupts may come in between. */
  async step(ms: number = PATIENCE_MS): Promise<void> {
    this.#early = undefined;
    this.#stream.write(framePacket('s'));
    await this.waitForStop(ms, 'a single step');
  }

  /** Stops the running guest, as Ctrl-C in a debugger does. */
  interrupt(): void {
    this.#stream.write(Buffer.from([3]));
  }

  /** Until the guest stops: a breakpoint, or {@link interrupt}. Without a time-out: for those who wait for more than this. */
  stopped(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#early !== undefined) resolve();
      else this.#stopped = () => resolve();
    });
  }

  /** {@link stopped}. @throws QemuError `QEMU_TIMEOUT` */
  waitForStop(ms: number, what = 'a breakpoint'): Promise<void> {
    return withDeadline(this.stopped(), ms, what);
  }

  async registers(): Promise<GuestRegisters> {
    return new GuestRegisters(await this.#ask('g'));
  }

  async writeRegisters(registers: GuestRegisters): Promise<void> {
    await this.#expectOk(`G${registers.hex}`);
  }

  /** Memory by virtual address. @throws QemuError `GDB_REFUSED` where nothing is mapped */
  async readVirtual(address: string, length: number): Promise<Uint8Array> {
    const parts: Buffer[] = [];
    for (let at = 0; at < length; at += PACKET_BYTES) {
      const from = offsetAddress(address, at);
      const answer = await this.#ask(`m${from},${Math.min(PACKET_BYTES, length - at).toString(16)}`);
      if (/^E\d\d$/.test(answer)) throw new QemuError('GDB_REFUSED', `gdbstub: nothing mapped at 0x${from}`);
      parts.push(Buffer.from(answer, 'hex'));
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  async writeVirtual(address: string, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
      const part = Buffer.from(bytes.subarray(at, at + PACKET_BYTES));
      await this.#expectOk(
        `M${offsetAddress(address, at)},${part.length.toString(16)}:${part.toString('hex')}`,
      );
    }
  }

  /** Leaves the guest to run without a debugger; breakpoints go. */
  async detach(): Promise<void> {
    await this.#expectOk('D');
  }

  async #expectOk(packet: string): Promise<void> {
    const answer = await this.#ask(packet);
    if (answer !== 'OK') {
      throw new QemuError('GDB_REFUSED', `gdbstub: ${packet.slice(0, 40)} answered ${answer || 'nothing'}`);
    }
  }

  #ask(packet: string): Promise<string> {
    const answer = new Promise<string>((resolve) => this.#answers.push(resolve));
    this.#stream.write(framePacket(packet));
    return withDeadline(answer, PATIENCE_MS, `gdbstub's answer to ${packet.slice(0, 20)}`);
  }

  #take(text: string): void {
    this.#stream.write(acknowledgement);
    const answer = this.#answers.shift();
    if (answer !== undefined) {
      answer(text);
      return;
    }
    if (!STOPPED.test(text)) return;
    this.#early = text;
    this.#stopped?.(text);
    this.#stopped = undefined;
  }
}

/** Addresses of a kernel are beyond what a number holds. */
function offsetAddress(address: string, bytes: number): string {
  return (BigInt(`0x${address}`) + BigInt(bytes)).toString(16).padStart(16, '0');
}
