/** Bits of link pointers: T, and the type in bits 2:1 (EHCI 3.1, 3.6). */
export const TERMINATE = 1;
const TYPE_QUEUE_HEAD = 2;

/** A link to a queue head; the only type that the model follows. */
export function leadsToQueueHead(link: number): boolean {
  return (link & TERMINATE) === 0 && (link & 6) === TYPE_QUEUE_HEAD;
}

/** Structures stand at multiples of 32 bytes. */
export function linkAddress(link: number): number {
  return (link & ~0x1f) >>> 0;
}

/** Offsets in a queue head (EHCI 3.6); the overlay is a transfer descriptor from `next` on. */
export const QueueHead = {
  link: 0x00,
  characteristics: 0x04,
  current: 0x0c,
  overlay: 0x10,
} as const;

/** Offsets in a transfer descriptor (EHCI 3.5), 64-bit form: the high halves of the buffers are in Appendix B. */
export const TransferDescriptor = {
  next: 0x00,
  alternate: 0x04,
  token: 0x08,
  buffers: 0x0c,
  buffersHigh: 0x20,
} as const;

/** Pages that one transfer descriptor names. */
export const BUFFER_PAGES = 5;

/** Head of the reclamation list, in `characteristics`. */
export const RECLAMATION_HEAD: number = 1 << 15;
/** In a token (EHCI 3.5.3). */
export const ACTIVE: number = 1 << 7;
export const HALTED: number = 1 << 6;
export const INTERRUPT_ON_COMPLETE: number = 1 << 15;
export const PID_IN = 1;

/** Bits 9:8: OUT, IN, SETUP. */
export function pidOf(token: number): number {
  return (token >>> 8) & 3;
}

/** Bytes still to be moved; 20 KiB is the most that a descriptor has room for. */
export function bytesLeft(token: number): number {
  return Math.min((token >>> 16) & 0x7fff, BUFFER_PAGES * 4096);
}

/** The token of a transfer that is over, with `left` bytes not moved. */
export function doneToken(token: number, left: number): number {
  return ((token & 0x8000_ffff & ~ACTIVE) | (left << 16)) >>> 0;
}

/** Maximum Packet Length, bits 26:16 of `characteristics`. */
export function packetBytes(characteristics: number): number {
  return (characteristics >>> 16) & 0x7ff;
}
