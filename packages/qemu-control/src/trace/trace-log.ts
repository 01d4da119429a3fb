import type { Readable } from 'node:stream';
import { LineSplitter } from '../process/line-splitter.ts';

/** One trace event of QEMU. */
export interface TraceEvent {
  /** Host's clock, milliseconds since the epoch, with a fraction. */
  readonly at: number;
  readonly name: string;
  /** The rest of the line, as QEMU words it. */
  readonly text: string;
}

/** `4711@1700000000.123456:vtd_dmar_fault sid 0x100 …` with `-msg timestamp=on`. */
const EVENT = /^\d+@(\d+)\.(\d{6}):(\w+) ?(.*)$/;
/** Lines that are no trace events are QEMU's own words; the last ones are kept for an error's message. */
const WORDS_KEPT = 20;

/** QEMU's error output, where its log backend writes trace events between its own messages. */
export class TraceLog {
  /** What QEMU itself said last. */
  readonly words: string[] = [];
  readonly #listeners = new Set<(event: TraceEvent) => void>();

  constructor(stream: Readable) {
    const splitter = new LineSplitter((line) => this.#take(line));
    stream.on('data', (chunk: Buffer) => splitter.push(chunk));
    stream.on('end', () => splitter.end());
    stream.on('error', () => {});
  }

  /** Calls back for each event from now on; the result ends it. */
  onEvent(listener: (event: TraceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(line: string): void {
    const match = EVENT.exec(line);
    if (match === null) {
      this.words.push(line);
      if (this.words.length > WORDS_KEPT) this.words.shift();
      return;
    }
    const [, seconds, micros, name, text] = match as unknown as [string, string, string, string, string];
    const event = { at: Number(seconds) * 1000 + Number(micros) / 1000, name, text };
    for (const listener of this.#listeners) listener(event);
  }
}
