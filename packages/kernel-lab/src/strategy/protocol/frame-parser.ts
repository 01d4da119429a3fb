import { decodeFrame, type Frame, frameBytes } from './frames.ts';

/** Puts frames together from pieces of a stream. */
export class FrameParser {
  #rest: Uint8Array = new Uint8Array(0);

  /** The frames that `chunk` completes; they are views of it. */
  push(chunk: Uint8Array): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      const length = frameBytes(bytes, at);
      if (length === undefined || at + length > bytes.length) break;
      frames.push(decodeFrame(bytes, at));
      at += length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
