import type { Readable } from 'node:stream';
import { withDeadline } from '../process/deadline.ts';
import { LineSplitter } from '../process/line-splitter.ts';
import { QemuError } from '../process/qemu-error.ts';

/** One line of a serial console. */
export interface ConsoleLine {
  /** Host's clock when it came, milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** Everything that a serial line has said. */
export class ConsoleLog {
  readonly lines: ConsoleLine[] = [];
  readonly #listeners = new Set<(line: ConsoleLine) => void>();
  readonly #ended: Promise<never>;
  readonly #splitter: LineSplitter = new LineSplitter((text) => {
    const line = { at: Date.now(), text };
    this.lines.push(line);
    for (const listener of [...this.#listeners]) listener(line);
  });

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.#splitter.push(chunk));
    stream.on('end', () => this.#splitter.end());
    stream.on('error', () => {});
    this.#ended = new Promise((_, reject) => {
      stream.once('close', () => reject(new QemuError('QEMU_EXITED', 'the console has ended')));
    });
    this.#ended.catch(() => {});
  }

  /** Calls back for each line from now on; the result ends it. */
  onLine(listener: (line: ConsoleLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The first line from index `from` on that fits.
   *
   * @throws QemuError `QEMU_TIMEOUT`; `QEMU_EXITED` when the console ends first
   */
  waitFor(pattern: RegExp, ms: number, from = 0): Promise<RegExpExecArray> {
    let stop: () => void = () => {};
    const seen = new Promise<RegExpExecArray>((resolve) => {
      const look = ({ text }: ConsoleLine): void => {
        const match = pattern.exec(text);
        if (match !== null) resolve(match);
      };
      stop = this.onLine(look);
      for (const line of this.lines.slice(from)) look(line);
    });
    return withDeadline(Promise.race([seen, this.#ended]), ms, `a console line like ${pattern}`).finally(() =>
      stop(),
    );
  }
}
