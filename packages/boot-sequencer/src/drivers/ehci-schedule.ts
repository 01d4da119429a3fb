import { type DmaBuffer, mapBuffer } from './dma-buffer.ts';
import type { DriverHost } from './driver-host.ts';

const FRAMES = 1024;
const TERMINATE = 1;
const QUEUE_HEAD = 2;
/** Bits of a token (EHCI 3.5.3). */
export const ACTIVE: number = 1 << 7;
const HALTED = 1 << 6;
const INTERRUPT = 1 << 15;
const IN = 1 << 8;
const SETUP = 2 << 8;
/** High speed; packets of 64 bytes, of 8 (EHCI 3.6.2). */
const PACKETS_OF_64 = (64 << 16) | (2 << 12);
const PACKETS_OF_8 = (8 << 16) | (2 << 12);
const RECLAMATION_HEAD = 1 << 15;
/** GET_DESCRIPTOR of the device, 18 bytes (USB 2.0, 9.4.3). */
const GET_DESCRIPTOR = [0x0100_0680, 0x0012_0000] as const;
const DESCRIPTOR_BYTES = 18;

/** Places behind the frame list, which has a page. */
const PAGE = 0x1000;
export const ASYNC_HEAD: number = PAGE;
const CONTROL_HEAD = PAGE + 0x80;
const INTERRUPT_HEAD = PAGE + 0x100;
const CONTROL_TRANSFERS = PAGE + 0x200;
/** The last transfer of the control queue: its status stage. */
export const STATUS_TOKEN: number = CONTROL_TRANSFERS + 2 * 0x40 + 8;
const REPORT_TRANSFER = PAGE + 0x300;
const TAIL = PAGE + 0x340;
const SETUP_PACKET = PAGE + 0x400;
const DESCRIPTOR = PAGE + 0x440;
const REPORT = PAGE + 0x480;

/**
 * What a kernel has in memory for a controller with one keyboard, hub or virtual device: an interrupt queue in each frame of
 * the periodic list, and an asynchronous list with the control queue that asks for the device's descriptor. Structures
 * stand below 4 GiB, as the driver asks for them. Undefined if they cannot be mapped there.
 */
export function mapSchedule(host: DriverHost, reportBytes: number): DmaBuffer | undefined {
  const schedule = mapBuffer(host, 2 * PAGE, 'both');
  if (schedule === undefined || schedule.device + 2 * PAGE > 0x1_0000_0000) return undefined;
  const { physical, device } = schedule;
  const queue = (
    at: number,
    next: number,
    token: number,
    ...words: readonly [number, number, number]
  ): void => {
    for (const [i, word] of words.entries()) host.writeMemory32(physical + at + i * 4, word >>> 0);
    host.writeMemory32(physical + at + 0x10, next);
    host.writeMemory32(physical + at + 0x14, TERMINATE);
    host.writeMemory32(physical + at + 0x18, token);
  };
  const transfer = (at: number, next: number, token: number, buffer: number): void => {
    host.writeMemory32(physical + at, next);
    host.writeMemory32(physical + at + 4, TERMINATE);
    host.writeMemory32(physical + at + 8, token);
    host.writeMemory32(physical + at + 12, device + buffer);
  };
  const control = [0, 1, 2].map((i) => CONTROL_TRANSFERS + i * 0x40) as [number, number, number];
  queue(ASYNC_HEAD, TERMINATE, HALTED, (device + CONTROL_HEAD) | QUEUE_HEAD, RECLAMATION_HEAD, 0);
  queue(CONTROL_HEAD, device + control[0], 0, (device + ASYNC_HEAD) | QUEUE_HEAD, PACKETS_OF_64, 0);
  transfer(control[0], device + control[1], (8 << 16) | ACTIVE | SETUP, SETUP_PACKET);
  transfer(control[1], device + control[2], (DESCRIPTOR_BYTES << 16) | ACTIVE | IN, DESCRIPTOR);
  transfer(control[2], TERMINATE, ACTIVE | INTERRUPT, 0);
  for (const [i, word] of GET_DESCRIPTOR.entries()) host.writeMemory32(physical + SETUP_PACKET + i * 4, word);
  queue(INTERRUPT_HEAD, device + REPORT_TRANSFER, 0, TERMINATE, PACKETS_OF_8, 1);
  transfer(REPORT_TRANSFER, device + TAIL, (reportBytes << 16) | ACTIVE | IN | INTERRUPT, REPORT);
  transfer(TAIL, TERMINATE, 0, 0);
  for (let frame = 0; frame < FRAMES; frame++) {
    host.writeMemory32(physical + frame * 4, (device + INTERRUPT_HEAD) | QUEUE_HEAD);
  }
  return schedule;
}
