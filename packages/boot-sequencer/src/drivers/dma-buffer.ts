import { type Address, PAGE_SIZE } from '@quiesce/simulation';
import type { DmaDirection, DriverHost } from './driver-host.ts';

/** Memory that both sides know: where the CPU finds it and where the device does. */
export interface DmaBuffer {
  readonly physical: Address;
  readonly device: Address;
}

/** Pages that are allocated and mapped at a time. */
const CHUNK_BYTES = 64 * PAGE_SIZE;

/** Allocates and maps one contiguous buffer, by default one that device and driver share. Undefined if the kernel has no address for the device. */
export function mapBuffer(
  host: DriverHost,
  bytes: number,
  direction: DmaDirection,
  use: 'shared' | 'data' = 'shared',
): DmaBuffer | undefined {
  const physical = host.allocate(bytes, use);
  const device = host.mapDma(physical, bytes, direction);
  return device === undefined ? undefined : { physical, device };
}

/** `count` buffers of `bytes` each, allocated and mapped in chunks of up to 256 KiB. */
export function mapBuffers(
  host: DriverHost,
  count: number,
  bytes: number,
  direction: DmaDirection,
): readonly DmaBuffer[] | undefined {
  const buffers: DmaBuffer[] = [];
  const complete = mapEachBuffer(host, count, bytes, direction, (_index, physical, device) => {
    buffers.push({ physical, device });
  });
  return complete ? buffers : undefined;
}

/** Like {@link mapBuffers}, for buffers that only their descriptors remember. False if one cannot be mapped. */
export function mapEachBuffer(
  host: DriverHost,
  count: number,
  bytes: number,
  direction: DmaDirection,
  mapped: (index: number, physical: Address, device: Address) => void,
): boolean {
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / bytes));
  for (let first = 0; first < count; first += perChunk) {
    const here = Math.min(perChunk, count - first);
    const chunk = mapBuffer(host, here * bytes, direction, 'data');
    if (chunk === undefined) return false;
    for (let i = 0; i < here; i++) mapped(first + i, chunk.physical + i * bytes, chunk.device + i * bytes);
  }
  return true;
}

/** Writes an address into two dwords of a descriptor. */
export function writeAddress(host: DriverHost, physical: Address, address: Address): void {
  host.writeMemory32(physical, address >>> 0);
  host.writeMemory32(physical + 4, Math.floor(address / 0x1_0000_0000));
}

/** Low and high dword of an address. */
export function lowHigh(address: Address): readonly [number, number] {
  return [address >>> 0, Math.floor(address / 0x1_0000_0000)];
}
