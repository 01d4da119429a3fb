import { crash, type KernelProfile, type World } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import { milliseconds } from '@quiesce/simulation';
import { defineStrategy, type Strategy } from '@quiesce/strategy';
import type { AccessSize, StoppedGuest } from '../../guest/stopped-guest.ts';

/** What a {@link ModelGuest} was asked for. */
export interface GuestAccess {
  readonly kind: 'port' | 'memory';
  readonly write: boolean;
  readonly address: number;
  readonly size: AccessSize;
  readonly value: number;
}

/** A guest that is held at one place of a crash, over the model's hardware instead of QEMU's. */
export class ModelGuest implements StoppedGuest {
  readonly world: World;
  /** Every access to a port or an address, in order. */
  readonly accesses: GuestAccess[] = [];
  /** How often the kernel was let run. */
  kernelRuns = 0;
  waitedMs = 0;
  /** Done when the kernel is let run. */
  onRunKernel: () => void = () => {};

  constructor(world: World) {
    this.world = world;
  }

  async readPort(port: number, size: AccessSize): Promise<number> {
    const value = this.world.hardware.type1.in(port, size);
    this.accesses.push({ kind: 'port', write: false, address: port, size, value });
    return value;
  }

  async writePort(port: number, size: AccessSize, value: number): Promise<void> {
    this.accesses.push({ kind: 'port', write: true, address: port, size, value });
    this.world.hardware.type1.out(port, size, value);
  }

  async read(address: number, size: AccessSize): Promise<number> {
    const value = this.#read(address, size);
    this.accesses.push({ kind: 'memory', write: false, address, size, value });
    return value;
  }

  async write(address: number, size: AccessSize, value: number): Promise<void> {
    this.accesses.push({ kind: 'memory', write: true, address, size, value });
    const { ecam, fabric, memory } = this.world.hardware;
    const window = ecam.find((one) => one.claims(address));
    if (window !== undefined) window.writeAddress(address, size, value);
    else if (memory.ownerAt(address) === 'mmio') fabric.mmioWrite(address, size, value);
    else await this.writeBytes(address, littleEndian(value, size));
  }

  async readBytes(address: number, length: number): Promise<Uint8Array> {
    return this.world.hardware.memory.readBytes(address, length);
  }

  async writeBytes(address: number, bytes: Uint8Array): Promise<void> {
    const { memory } = this.world.hardware;
    memory.writeBytes(address, bytes, memory.writer('strategy'));
  }

  async wait(ms: number): Promise<void> {
    this.waitedMs += ms;
    const { calendar, hardware, recorder } = this.world;
    const end = calendar.now + milliseconds(ms);
    // As the world does, which has stopped for itself.
    for (let next = 0; next < end; ) {
      next = Math.min(calendar.nextTime(), end);
      hardware.fabric.advance(next);
      recorder.ranUntil(next);
      calendar.runUntil(next);
    }
  }

  async runKernel(): Promise<void> {
    this.kernelRuns++;
    this.onRunKernel();
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

/** Memory that neither kernel of a `q35-lab` uses: its last 8 MiB below the firmware's. */
export const labMemory = { start: 0x3d80_0000, end: 0x3e00_0000 } as const;

/** A guest at the instant when a crash of the model gets to `place`. */
export function guestAt(
  place: 'crash' | 'setupArch' | 'iommuInit',
  machine: Machine = preset('q35-lab'),
  kernel: string | KernelProfile = 'linux-6',
): ModelGuest {
  const stop = (): never => {
    throw new Error('as far as this');
  };
  const strategy: Strategy = { name: 'stop', description: 'Stops.', sources: [], [place]: stop };
  const plugin = defineStrategy({ ...strategy, create: () => strategy });
  return new ModelGuest(crash({ machine, strategy: plugin, kernel, seed: 1 }).world);
}
