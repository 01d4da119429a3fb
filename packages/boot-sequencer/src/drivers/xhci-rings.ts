import { PAGE_SIZE } from '@quiesce/simulation';
import { type DmaBuffer, mapBuffer, mapBuffers, writeAddress } from './dma-buffer.ts';
import type { DriverDevice, DriverHost } from './driver-host.ts';

export const TRB_BYTES = 16;
/** TRBs of each ring: one page. The last one of a ring that software fills is a link. */
export const RING_TRBS: number = PAGE_SIZE / TRB_BYTES;
const CYCLE = 1;
const LINK = (6 << 10) | 2;
const NORMAL = (1 << 10) | (1 << 5) | (1 << 2);

/** Places in the page with everything that is no ring. */
const EVENT_SEGMENTS = 0x400;
const DEVICE_CONTEXT = 0x800;
const INPUT_CONTEXT = 0xc00;
const CONTEXT_BYTES = 32;
/** Slot and device context index of the interrupt endpoint: endpoint 1, IN. */
export const SLOT = 1;
export const ENDPOINT = 3;
/** Interrupt IN, three errors allowed (xHCI 6.2.3). */
const INTERRUPT_IN = (7 << 3) | (3 << 1);
const CONTROL = (4 << 3) | (3 << 1);

/** What a kernel has in memory for a controller with one device. */
export interface XhciRings {
  readonly arrays: DmaBuffer;
  readonly commands: DmaBuffer;
  readonly events: DmaBuffer;
  readonly transfers: DmaBuffer;
  readonly reports: readonly DmaBuffer[];
}

/** Rings, the base address array, the segment table, and the contexts of a device with an interrupt endpoint. */
export function mapRings(host: DriverHost, device: DriverDevice): XhciRings | undefined {
  const { queueDepth, bufferBytes } = device.traits;
  const arrays = mapBuffer(host, PAGE_SIZE, 'both');
  const commands = mapBuffer(host, PAGE_SIZE, 'both');
  const events = mapBuffer(host, PAGE_SIZE, 'both');
  const transfers = mapBuffer(host, PAGE_SIZE, 'both');
  const reports = mapBuffers(host, Math.min(queueDepth, RING_TRBS - 1), bufferBytes, 'from-device');
  if (!(arrays && commands && events && transfers && reports)) return undefined;
  for (const ring of [commands, transfers]) {
    const last = ring.physical + PAGE_SIZE - TRB_BYTES;
    writeAddress(host, last, ring.device);
    host.writeMemory32(last + 12, LINK);
  }
  writeAddress(host, arrays.physical + SLOT * 8, arrays.device + DEVICE_CONTEXT);
  writeAddress(host, arrays.physical + EVENT_SEGMENTS, events.device);
  host.writeMemory32(arrays.physical + EVENT_SEGMENTS + 8, RING_TRBS);
  const input = arrays.physical + INPUT_CONTEXT;
  const endpoint = (index: number, kind: number, bytes: number): void => {
    const at = input + (index + 1) * CONTEXT_BYTES;
    host.writeMemory32(at + 4, (bytes << 16) | kind);
    writeAddress(host, at + 8, transfers.device);
    host.writeMemory32(at + 8, (transfers.device + CYCLE) >>> 0);
    host.writeMemory32(at + 16, bytes);
  };
  host.writeMemory32(input + 4, 1 | (1 << 1) | (1 << ENDPOINT));
  host.writeMemory32(input + CONTEXT_BYTES, ENDPOINT << 27);
  endpoint(1, CONTROL, 64);
  endpoint(ENDPOINT, INTERRUPT_IN, Math.min(bufferBytes, 64));
  return { arrays, commands, events, transfers, reports };
}

/** Where the event ring's segment table stands, for the device. */
export function segmentTable({ arrays }: XhciRings): number {
  return arrays.device + EVENT_SEGMENTS;
}

/** Commands that bring a device up, in order: Enable Slot, Address Device, Configure Endpoint (xHCI 4.3). */
export function writeCommand(host: DriverHost, { commands, arrays }: XhciRings, index: number): void {
  const type = [9, 11, 12][index] as number;
  const at = commands.physical + index * TRB_BYTES;
  if (index > 0) writeAddress(host, at, arrays.device + INPUT_CONTEXT);
  const slot = index > 0 ? SLOT << 24 : 0;
  host.writeMemory32(at + 12, slot | (type << 10) | CYCLE);
}

/** Completion code of the event with this number in the ring's first round; undefined while it is not there. */
export function eventCode(host: DriverHost, { events }: XhciRings, index: number): number | undefined {
  const at = events.physical + index * TRB_BYTES;
  return (host.readMemory32(at + 12) & CYCLE) === 0 ? undefined : host.readMemory32(at + 8) >>> 24;
}

/** A transfer for each report that the driver is ready to take. */
export function queueReports(host: DriverHost, { transfers, reports }: XhciRings, bytes: number): void {
  for (const [index, { device }] of reports.entries()) {
    const at = transfers.physical + index * TRB_BYTES;
    writeAddress(host, at, device);
    host.writeMemory32(at + 8, bytes);
    host.writeMemory32(at + 12, NORMAL | CYCLE);
  }
}
