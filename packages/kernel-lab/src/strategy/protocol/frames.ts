/** What a frame between the lab and a strategy's process is. The first nine are accesses to the guest. */
export const FrameKind = {
  readPort: 1,
  writePort: 2,
  read: 3,
  write: 4,
  readBytes: 5,
  writeBytes: 6,
  wait: 7,
  runKernel: 8,
  /** A write that nobody waits for; the other accesses are answered. */
  post: 9,
  /** A line of log, UTF-8. */
  line: 16,
  /** JSON, either way: an order, or what came of it. */
  message: 17,
  /** Answers an access. */
  answer: 32,
} as const;

/** One of {@link FrameKind}. */
export type FrameKindCode = (typeof FrameKind)[keyof typeof FrameKind];

/** One frame as it came. */
export interface Frame {
  readonly kind: number;
  /** Bytes of the access; 0 where there is none. */
  readonly size: number;
  /** Value read or to be written, or a length. */
  readonly value: number;
  /** Port, physical address, or milliseconds. */
  readonly address: number;
  readonly body: Uint8Array;
}

/** Length of all that follows it, kind, size, two bytes of nothing, value, address (a double): little endian. */
export const FRAME_HEADER_BYTES = 20;
const AFTER_LENGTH = FRAME_HEADER_BYTES - 4;
const nothing = new Uint8Array(0);

/** Writes the header of a frame at the beginning of `into`. */
export function writeFrameHeader(
  into: DataView,
  kind: FrameKindCode,
  size: number,
  value: number,
  address: number,
  bodyBytes: number,
): void {
  into.setUint32(0, AFTER_LENGTH + bodyBytes, true);
  into.setUint8(4, kind);
  into.setUint8(5, size);
  into.setUint16(6, 0);
  into.setUint32(8, value, true);
  into.setFloat64(12, address, true);
}

/** A frame with a body, such as a message. */
export function encodeFrame(kind: FrameKindCode, body: Uint8Array = nothing, value = 0): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  writeFrameHeader(new DataView(frame.buffer), kind, 0, value, 0, body.length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** Bytes from `offset` on that the frame there has, its header included; undefined if even its length is not there yet. */
export function frameBytes(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < 4) return undefined;
  return 4 + new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0, true);
}

/** The frame at `offset`, which must be there as a whole. */
export function decodeFrame(bytes: Uint8Array, offset: number): Frame {
  const total = frameBytes(bytes, offset) ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, total);
  return {
    kind: view.getUint8(4),
    size: view.getUint8(5),
    value: view.getUint32(8, true),
    address: view.getFloat64(12, true),
    body: bytes.subarray(offset + FRAME_HEADER_BYTES, offset + total),
  };
}
