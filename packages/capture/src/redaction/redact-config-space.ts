import type { Placeholders } from './placeholders.ts';

/**
 * A copy of a function's config space without its Device Serial Number (PCIe 6.0, 7.9.3; network cards make it of their
 * MAC address) and without the last words of Vital Product Data (PCI 3.0, appendix I) that somebody read. Length and
 * structure stay. A serial number becomes the number that its placeholder has; serial numbers of zeros or ones say nothing.
 */
export function redactConfigSpace(config: Uint8Array, placeholders: Placeholders): Uint8Array {
  const bytes = config.slice();
  const data = vitalProductData(bytes);
  if (data !== undefined && isTelling(bytes.subarray(data, data + 4))) {
    placeholders.numberOf('vital-product-data', `${hexOf(bytes.subarray(data, data + 4))}`);
    bytes.fill(0, data, data + 4);
  }
  for (const offset of serialNumbers(bytes)) {
    const serial = bytes.subarray(offset + 4, offset + 12);
    if (!isTelling(serial) || serial.subarray(2).every((byte) => byte === 0)) continue;
    const number = placeholders.numberOf('device-serial-number', hexOf(serial));
    serial.fill(0);
    serial[0] = number & 0xff;
    serial[1] = (number >>> 8) & 0xff;
  }
  return bytes;
}

/** Offsets of the extended capabilities 0003h; a list that goes round is followed once. */
function* serialNumbers(bytes: Uint8Array): Generator<number> {
  const seen = new Set<number>();
  for (let at = 0x100; at >= 0x100 && at + 12 <= bytes.length && !seen.has(at); ) {
    seen.add(at);
    const header = [0, 1, 2, 3].map((index) => bytes[at + index] as number) as [
      number,
      number,
      number,
      number,
    ];
    if (!isTelling(header)) return;
    const id = header[0] | (header[1] << 8);
    if (id === 0x0003) yield at;
    at = ((header[2] >>> 4) | (header[3] << 4)) & 0xffc;
  }
}

/** Offset of the data register of the VPD capability (ID 03h). */
function vitalProductData(bytes: Uint8Array): number | undefined {
  if (bytes.length < 0x100 || ((bytes[0x06] as number) & 0x10) === 0) return undefined;
  const seen = new Set<number>();
  const first = ((bytes[0x0e] as number) & 0x7f) === 2 ? 0x14 : 0x34;
  for (let at = (bytes[first] as number) & 0xfc; at >= 0x40 && !seen.has(at); ) {
    seen.add(at);
    if (bytes[at] === 0x03 && at + 8 <= 0x100) return at + 4;
    at = (bytes[at + 1] as number) & 0xfc;
  }
  return undefined;
}

function isTelling(bytes: ArrayLike<number> & Iterable<number>): boolean {
  const all = [...bytes];
  return !all.every((byte) => byte === 0) && !all.every((byte) => byte === 0xff);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
