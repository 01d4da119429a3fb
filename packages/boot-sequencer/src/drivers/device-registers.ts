import type { Field } from '@quiesce/simulation';
import type { DriverHost } from './driver-host.ts';

const ALL_ONES = 0xffff_ffff;

/** A block of a device's registers as a driver reaches it: by dwords, through its declared fields. */
export class DeviceRegisters {
  readonly #host: DriverHost;
  readonly #base: number;

  /** `base`: address of the block that the layout describes. */
  constructor(host: DriverHost, base: number) {
    this.#host = host;
    this.#base = base;
  }

  read(offset: number): number {
    return this.#host.mmioRead32(this.#base + offset);
  }

  write(offset: number, value: number): void {
    this.#host.mmioWrite32(this.#base + offset, value >>> 0);
  }

  /** Value of a field. All ones where nothing answers. */
  get(field: Field): number {
    return this.#part(this.read(field.offset & ~3), field);
  }

  /** Writes the dword of a field with this field alone; other bits of the dword become 0. */
  only(field: Field, value: number): void {
    this.write(field.offset & ~3, value * 2 ** shiftOf(field));
  }

  /** Reads the dword of a field, changes the field and writes it back. Not for dwords with RW1C fields. */
  set(field: Field, value: number): void {
    const dword = this.read(field.offset & ~3);
    const old = this.#part(dword, field);
    this.write(field.offset & ~3, dword + (value - old) * 2 ** shiftOf(field));
  }

  /** Waits until a field has a value. False after `timeoutMs`, and at once if the device is gone. */
  waitFor(field: Field, value: number, timeoutMs: number): boolean {
    const offset = field.offset & ~3;
    let gone = false;
    const over = (): boolean => {
      const dword = this.read(offset);
      gone = dword === ALL_ONES;
      return gone || this.#part(dword, field) === value;
    };
    return waitUntil(this.#host, timeoutMs, over) && !gone;
  }

  #part(dword: number, field: Field): number {
    return Math.floor(dword / 2 ** shiftOf(field)) % 2 ** field.width;
  }
}

/** The bits of a field in its dword. */
export function bits(field: Field, value: number = 2 ** field.width - 1): number {
  return value * 2 ** shiftOf(field);
}

/** Polls each millisecond. False after `timeoutMs`. */
export function waitUntil(host: DriverHost, timeoutMs: number, condition: () => boolean): boolean {
  for (let waited = 0; ; waited++) {
    if (condition()) return true;
    if (waited >= timeoutMs) return false;
    host.delay(1);
  }
}

function shiftOf(field: Field): number {
  return (field.offset & 3) * 8 + field.low;
}
