import type { World } from '@quiesce/boot-sequencer';
import { milliseconds } from '@quiesce/simulation';
import type { AccessSize, StoppedGuest } from '../../guest/stopped-guest.ts';
import type { SynchronousGuest } from '../plugin-process/synchronous-guest.ts';

/** What a {@link ModelGuest} was asked for. */
export interface GuestAccess {
  readonly kind: 'port' | 'memory';
  readonly write: boolean;
  readonly address: number;
  readonly size: AccessSize;
  readonly value: number;
}

/** A guest that is held at one place of a crash, over the model's hardware instead of QEMU's. */
export class ModelGuest implements SynchronousGuest {
  readonly world: World;
  /** Every access to a port or an address, in order; bytes in bulk are not among them. */
  readonly accesses: GuestAccess[] = [];
  /** How often the kernel was let run. */
  kernelRuns = 0;
  waitedMs = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** The same guest as the lab reaches it. */
  get stopped(): StoppedGuest {
    return {
      readPort: async (port, size) => this.readPort(port, size),
      writePort: async (port, size, value) => this.writePort(port, size, value),
      read: async (address, size) => this.read(address, size),
      write: async (address, size, value) => this.write(address, size, value),
      readBytes: async (address, length) => this.readBytes(address, length),
      writeBytes: async (address, bytes) => this.writeBytes(address, bytes),
      wait: async (ms) => this.wait(ms),
      runKernel: async () => this.runKernel(),
    };
  }

  readPort(port: number, size: AccessSize): number {
    const value = this.world.hardware.type1.in(port, size);
    this.accesses.push({ kind: 'port', write: false, address: port, size, value });
    return value;
  }

  writePort(port: number, size: AccessSize, value: number): void {
    this.accesses.push({ kind: 'port', write: true, address: port, size, value });
    this.world.hardware.type1.out(port, size, value);
  }

  read(address: number, size: AccessSize): number {
    const value = this.#read(address, size);
    this.accesses.push({ kind: 'memory', write: false, address, size, value });
    return value;
  }

  write(address: number, size: AccessSize, value: number): void {
    this.accesses.push({ kind: 'memory', write: true, address, size, value });
    const { ecam, fabric, memory } = this.world.hardware;
    const window = ecam.find((one) => one.claims(address));
    if (window !== undefined) window.writeAddress(address, size, value);
    else if (memory.ownerAt(address) === 'mmio') fabric.mmioWrite(address, size, value);
    else this.writeBytes(address, littleEndian(value, size));
  }

  post(address: number, size: AccessSize, value: number): void {
    this.write(address, size, value);
  }

  readBytes(address: number, length: number): Uint8Array {
    return this.world.hardware.memory.readBytes(address, length);
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    const { memory } = this.world.hardware;
    memory.writeBytes(address, bytes, memory.writer('strategy'));
  }

  /** As the world does, which has stopped for itself. */
  wait(ms: number): void {
    this.waitedMs += ms;
    const { calendar, hardware, recorder } = this.world;
    const end = calendar.now + milliseconds(ms);
    for (let next = 0; next < end; ) {
      next = Math.min(calendar.nextTime(), end);
      hardware.fabric.advance(next);
      recorder.ranUntil(next);
      calendar.runUntil(next);
    }
  }

  runKernel(): void {
    this.kernelRuns++;
  }

  #read(address: number, size: AccessSize): number {
    const { ecam, fabric, memory } = this.world.hardware;
    const window = ecam.find((one) => one.claims(address));
    if (window !== undefined) return window.readAddress(address, size);
    if (memory.ownerAt(address) === 'mmio') return fabric.mmioRead(address, size);
    return memory.readBytes(address, size).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

function littleEndian(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (value >>> (8 * at)) & 0xff);
}
