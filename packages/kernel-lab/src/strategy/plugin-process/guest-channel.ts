import { readSync, writeSync } from 'node:fs';
import type { AccessSize } from '../../guest/stopped-guest.ts';
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameKind,
  type FrameKindCode,
  frameBytes,
  writeFrameHeader,
} from '../protocol/frames.ts';
import { decodeMessage, encodeMessage, type Order, type OrderAnswer } from '../protocol/messages.ts';
import type { SynchronousGuest } from './synchronous-guest.ts';

const FIRST_BUFFER_BYTES = 65_536;
const encoder = new TextEncoder();
const nap = new Int32Array(new SharedArrayBuffer(4));

/** The lab at the other end of an inherited socket, asked synchronously. Where the lab is gone, this process ends. */
export class GuestChannel implements SynchronousGuest {
  readonly #fd: number;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  readonly #view = new DataView(this.#header.buffer);
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  readPort(port: number, size: AccessSize): number {
    return this.#ask(FrameKind.readPort, size, 0, port).value;
  }

  writePort(port: number, size: AccessSize, value: number): void {
    this.#ask(FrameKind.writePort, size, value, port);
  }

  read(address: number, size: AccessSize): number {
    return this.#ask(FrameKind.read, size, 0, address).value;
  }

  write(address: number, size: AccessSize, value: number): void {
    this.#ask(FrameKind.write, size, value, address);
  }

  post(address: number, size: AccessSize, value: number): void {
    writeFrameHeader(this.#view, FrameKind.post, size, value, address, 0);
    this.#send(this.#header);
  }

  readBytes(address: number, length: number): Uint8Array {
    return this.#ask(FrameKind.readBytes, 0, length, address).body.slice();
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    this.#ask(FrameKind.writeBytes, 0, 0, address, bytes);
  }

  wait(ms: number): void {
    this.#ask(FrameKind.wait, 0, 0, ms);
  }

  runKernel(): void {
    this.#ask(FrameKind.runKernel, 0, 0, 0);
  }

  /** Waits for the next order. */
  order(): Order {
    return decodeMessage<Order>(this.#receive().body);
  }

  answer(message: OrderAnswer): void {
    this.#send(encodeFrame(FrameKind.message, encodeMessage(message)));
  }

  /** A line of log; nobody answers it. */
  line(text: string): void {
    this.#send(encodeFrame(FrameKind.line, encoder.encode(text)));
  }

  #ask(kind: FrameKindCode, size: number, value: number, address: number, body?: Uint8Array): Frame {
    writeFrameHeader(this.#view, kind, size, value, address, body?.length ?? 0);
    this.#send(this.#header);
    if (body !== undefined) this.#send(body);
    return this.#receive();
  }

  #send(bytes: Uint8Array): void {
    for (let sent = 0; sent < bytes.length; ) {
      sent += again(() => writeSync(this.#fd, bytes, sent, bytes.length - sent));
    }
  }

  /** One frame; nothing comes unasked, so nothing follows it. */
  #receive(): Frame {
    let received = 0;
    let expected: number | undefined;
    do {
      if (expected !== undefined && expected > this.#buffer.length) this.#grow(expected, received);
      const count = again(() =>
        readSync(this.#fd, this.#buffer, received, this.#buffer.length - received, null),
      );
      if (count === 0) process.exit();
      received += count;
      expected ??= frameBytes(this.#buffer.subarray(0, received), 0);
    } while (expected === undefined || received < expected);
    return decodeFrame(this.#buffer.subarray(0, expected), 0);
  }

  #grow(bytes: number, received: number): void {
    const grown = new Uint8Array(bytes);
    grown.set(this.#buffer.subarray(0, received));
    this.#buffer = grown;
  }
}

/** A signal may interrupt a call; a socket that does not block may have nothing yet. */
function again(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || code === 'ECONNRESET') process.exit();
      if (code !== 'EINTR' && code !== 'EAGAIN') throw error;
      if (code === 'EAGAIN') Atomics.wait(nap, 0, 0, 1);
    }
  }
}
