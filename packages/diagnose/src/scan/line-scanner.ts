import { NeedleScanner } from './needle-scanner.ts';
import { needles } from './needles.ts';

const LINE_FEED = 10;
/** Longer lines are read up to here: a kernel's record has at most about 1,000 characters, a mail's HTML part more. */
const MAX_LINE_BYTES = 65_536;

const scanner = new NeedleScanner(needles);

/** Who reads the lines that may matter. */
export interface LineListener {
  /** Line numbers count from 1; the text comes without its end of line. */
  line(text: string, number: number): void;
  /** True while the next line is wanted, whatever stands in it: a message may go on there. */
  wantsNext(): boolean;
  /** A line was read up to `MAX_LINE_BYTES` only. */
  overlong(number: number): void;
}

/**
 * Cuts a stream of bytes into lines, and hands on those that hold a word that matters. All other lines are
 * counted and cost no allocation: a log of 1 GB streams in the memory of its longest line, at most 64 KiB.
 */
export class LineScanner {
  readonly #listener: LineListener;
  readonly #decoder = new TextDecoder();
  /** Start of a line whose end has not come yet. */
  readonly #rest = new Uint8Array(MAX_LINE_BYTES);
  #restBytes = 0;
  /** The line under way is longer than what is kept of it. */
  #overlong = false;
  #lines = 0;

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  get lines(): number {
    return this.#lines;
  }

  push(chunk: Uint8Array): void {
    const firstEnd = chunk.indexOf(LINE_FEED);
    if (firstEnd < 0) {
      this.#keep(chunk);
      return;
    }
    let from = 0;
    if (this.#restBytes > 0) {
      this.#keep(chunk.subarray(0, firstEnd));
      this.#endRest();
      from = firstEnd + 1;
    }
    const lastEnd = chunk.lastIndexOf(LINE_FEED);
    if (lastEnd >= from) this.#scan(chunk, from, lastEnd + 1);
    this.#keep(chunk.subarray(lastEnd + 1));
  }

  /** The stream has ended; what stands behind the last end of line is a line too. */
  end(): void {
    if (this.#restBytes > 0) this.#endRest();
  }

  #keep(piece: Uint8Array): void {
    const room = MAX_LINE_BYTES - this.#restBytes;
    if (piece.length > room) this.#overlong = true;
    const taken = piece.subarray(0, room);
    this.#rest.set(taken, this.#restBytes);
    this.#restBytes += taken.length;
  }

  #endRest(): void {
    const end = this.#restBytes;
    this.#restBytes = 0;
    this.#lines++;
    if (this.#overlong) this.#listener.overlong(this.#lines);
    this.#overlong = false;
    if (this.#listener.wantsNext() || scanner.next(this.#rest, 0, end) >= 0) this.#hand(this.#rest, 0, end);
  }

  /** Reads whole lines: `bytes[end - 1]` is an end of line. */
  #scan(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    while (at < end) {
      if (this.#listener.wantsNext()) {
        const lineEnd = bytes.indexOf(LINE_FEED, at);
        this.#lines++;
        this.#hand(bytes, at, lineEnd);
        at = lineEnd + 1;
        continue;
      }
      const hit = scanner.next(bytes, at, end);
      if (hit < 0) {
        this.#lines += countLines(bytes, at, end);
        return;
      }
      const lineStart = startOfLine(bytes, hit, at);
      this.#lines += countLines(bytes, at, lineStart) + 1;
      const lineEnd = bytes.indexOf(LINE_FEED, hit);
      this.#hand(bytes, lineStart, lineEnd);
      at = lineEnd + 1;
    }
  }

  #hand(bytes: Uint8Array, from: number, end: number): void {
    const kept = Math.min(end, from + MAX_LINE_BYTES);
    if (kept < end) this.#listener.overlong(this.#lines);
    this.#listener.line(this.#decoder.decode(bytes.subarray(from, kept)), this.#lines);
  }
}

function startOfLine(bytes: Uint8Array, within: number, from: number): number {
  let at = within;
  while (at > from && bytes[at - 1] !== LINE_FEED) at--;
  return at;
}

function countLines(bytes: Uint8Array, from: number, end: number): number {
  let lines = 0;
  for (let at = from; at < end; at++) if (bytes[at] === LINE_FEED) lines++;
  return lines;
}
