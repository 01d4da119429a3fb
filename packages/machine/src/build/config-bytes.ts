import { assert } from '@quiesce/simulation';

/** A config space being put together. All values are little-endian. */
export class ConfigBytes {
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  put8(offset: number, value: number): void {
    this.#put(offset, value, 1);
  }

  put16(offset: number, value: number): void {
    this.#put(offset, value, 2);
  }

  put32(offset: number, value: number): void {
    this.#put(offset, value, 4);
  }

  get16(offset: number): number {
    return (this.bytes[offset] as number) | ((this.bytes[offset + 1] as number) << 8);
  }

  #put(offset: number, value: number, size: number): void {
    assert(offset >= 0 && offset + size <= this.bytes.length, `config offset ${offset} lies outside`);
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.bytes[offset + i] = rest & 0xff;
      rest = Math.floor(rest / 0x100);
    }
  }
}

const digits: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Two lower-case hexadecimal digits a byte, without blanks. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte];
  return text;
}

/** The reverse of {@link bytesToHex}; `undefined` if the text is not an even number of hexadecimal digits. */
export function hexToBytes(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(hex.charCodeAt(2 * i));
    const low = hexDigit(hex.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** Value of a hexadecimal digit's character code, -1 if it is none. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}
