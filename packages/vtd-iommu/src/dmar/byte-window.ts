import { ADDRESS_LIMIT, type Address, type ErrorPlace, UserError } from '@quiesce/simulation';

/** Bytes of one structure of a table, with their place in the file for messages. */
export class ByteWindow {
  readonly bytes: Uint8Array;
  /** Offset of the first byte in the table. */
  readonly offset: number;
  readonly #view: DataView;
  readonly #file: string | undefined;
  /** What cannot be read is to be kept as bytes, not refused. */
  readonly keepsDamage: boolean;

  constructor(bytes: Uint8Array, offset: number, file: string | undefined, keepsDamage: boolean) {
    this.bytes = bytes;
    this.offset = offset;
    this.keepsDamage = keepsDamage;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The bytes from `start` to `end`, which must be inside. */
  part(start: number, end: number): ByteWindow {
    return new ByteWindow(this.bytes.subarray(start, end), this.offset + start, this.#file, this.keepsDamage);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  /** A 64-bit address; undefined if it has more than 52 bits. */
  address(at: number): Address | undefined {
    const value = this.u32(at + 4) * 0x1_0000_0000 + this.u32(at);
    return value < ADDRESS_LIMIT ? value : undefined;
  }

  /** One character per byte. */
  text(start: number, end: number): string {
    return String.fromCharCode(...this.bytes.subarray(start, end));
  }

  copy(start: number, end: number = this.length): Uint8Array {
    return this.bytes.slice(start, end);
  }

  place(at: number): ErrorPlace {
    return { file: this.#file, offset: this.offset + at };
  }

  fail(code: string, at: number, message: string, expected: string): never {
    throw new UserError(code, message, { expected, place: this.place(at) });
  }
}
