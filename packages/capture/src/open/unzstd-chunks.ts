import { ZSTDDecoder } from 'zstddec/stream';

/** Bytes that the decoder is given at once. */
const PIECE = 65_536;
/** A skippable frame without content (RFC 8878, 3.1.2): it has the decoder hand out what it still holds. */
const EMPTY_FRAME: Uint8Array = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);
/** What the decoder has for each stream beside its window. */
const STREAM_BYTES = 512 * 1024;
const LARGEST_WINDOW = 128 * 2 ** 20;
/** The decoder keeps the memory of streams that were not read to their end for good. */
const MOST_ABANDONED = 2 ** 30;
const LONGEST_HEADER = 18;

let abandonedBytes = 0;

/**
 * Unpacks zstd in WebAssembly, for Node before 22.15. The decoder is libzstd, which bounds its window at 128 MiB; damage,
 * upon which it makes no step any more, is told by that.
 * @throws Error where the packed bytes are not what they should be
 */
export async function* unzstdChunks(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (abandonedBytes > MOST_ABANDONED) throw new Error('too many damaged files were unpacked before');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  const waiting: Uint8Array[] = [];
  /** Calls in which the decoder need not have read anything. */
  let idle = 0;
  let most = 0;
  const taken = {
    next(): IteratorResult<Uint8Array> {
      const value = waiting.shift();
      idle = 0;
      most = value?.length ?? 0;
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
  const unpacked = decoder.decodeStreaming(taken);
  const step = (): IteratorResult<Uint8Array> => {
    const result = unpacked.next();
    // Each call reads a byte or writes one; some do neither at the borders of blocks.
    if (result.done === true || result.value.length > 0) idle = 0;
    else if (++idle > most + 16) throw new Error('corrupted data');
    return result;
  };
  let whole = false;
  const head: number[] = [];
  try {
    // One piece more than the decoder is at stands ready, since it cannot wait for one.
    for await (const piece of piecesOf(packed)) {
      if (head.length < LONGEST_HEADER) head.push(...piece.subarray(0, LONGEST_HEADER));
      waiting.push(piece);
      while (waiting.length > 1) {
        const { value } = step();
        if (value !== undefined && value.length > 0) yield value;
      }
    }
    for (let next = step(); next.done !== true; next = step()) if (next.value.length > 0) yield next.value;
    whole = true;
  } finally {
    if (!whole) abandonedBytes += STREAM_BYTES + Math.min(windowOf(head), LARGEST_WINDOW);
  }
}

async function* piecesOf(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of packed) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
  yield EMPTY_FRAME;
}

/** Bytes of the window that the header of the first frame asks for (RFC 8878, 3.1.1.1). */
function windowOf(head: readonly number[]): number {
  const byte = (at: number): number => head[at] ?? 0;
  const descriptor = byte(4);
  const isSingle = (descriptor & 0x20) !== 0;
  if (!isSingle) {
    const base = 2 ** (10 + (byte(5) >>> 3));
    return base + (base / 8) * (byte(5) & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] as number);
  const length = [1, 2, 4, 8][descriptor >>> 6] as number;
  let size = 0;
  for (let index = length - 1; index >= 0; index--) size = size * 256 + byte(at + index);
  return size;
}
