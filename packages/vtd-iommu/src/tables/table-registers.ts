import { type Address, assert, pageAddress } from '@quiesce/simulation';
import { type Entry64, pointerHigh, pointerLow } from './entry-words.ts';

/** RTADDR.TTM, bits 11:10 (VT-d 10.4.6). 2 is reserved. */
export const LEGACY_MODE = 0;
/** Scalable mode. */
export const SCALABLE_MODE = 1;
/** Every request is refused. */
export const ABORT_DMA_MODE = 3;

/** Value of RTADDR. */
export function rootTableRegister(address: Address, mode: number): Entry64 {
  return { low: pointerLow(address, (mode & 3) << 10), high: pointerHigh(address) };
}

/** RTADDR bits 11:10. */
export function rootTableMode(low: number): number {
  return (low >>> 10) & 3;
}

/** RTADDR bits 63:12. */
export function rootTableAddress(low: number, high: number): Address {
  return pageAddress(low, high);
}

/**
 * Value of IRTA (VT-d 10.4.30).
 * @param entries a power of two, 2 .. 65536
 */
export function interruptTableRegister(address: Address, entries: number, extended: boolean): Entry64 {
  const size = Math.log2(entries) - 1;
  assert(Number.isInteger(size) && size >= 0 && size <= 15, `an interrupt table has no ${entries} entries`);
  return { low: pointerLow(address, (extended ? 1 << 11 : 0) | size), high: pointerHigh(address) };
}

/** IRTA bits 63:12. */
export function interruptTableAddress(low: number, high: number): Address {
  return pageAddress(low, high);
}

/** 2^(S+1). */
export function interruptTableEntries(low: number): number {
  return 2 ** ((low & 0xf) + 1);
}

/** EIME, bit 11. */
export function interruptTableExtended(low: number): boolean {
  return (low & 0x800) !== 0;
}

/**
 * Value of IQA (VT-d 10.4.23).
 * @param pages a power of two, 1 .. 128: pages of 4 KiB
 * @param wide 256-bit descriptors instead of 128-bit ones
 */
export function invalidationQueueRegister(address: Address, pages: number, wide: boolean): Entry64 {
  const size = Math.log2(pages);
  assert(Number.isInteger(size) && size >= 0 && size <= 7, `an invalidation queue has no ${pages} pages`);
  return { low: pointerLow(address, (wide ? 1 << 11 : 0) | size), high: pointerHigh(address) };
}

/** IQA bits 63:12. */
export function invalidationQueueAddress(low: number, high: number): Address {
  return pageAddress(low, high);
}

/** Bytes of the queue. */
export function invalidationQueueBytes(low: number): number {
  return 4096 * 2 ** (low & 7);
}

/** DW, bit 11: descriptors of 32 bytes. */
export function invalidationQueueWide(low: number): boolean {
  return (low & 0x800) !== 0;
}
