import type { ConsoleLine, ConsoleLog } from '@quiesce/qemu-control';

const BEGIN = /^report (\S+)$/;
const END = 'end';

/** A file that a guest has handed over, by the name that its /init gave it. */
export type GuestFiles = ReadonlyMap<string, Buffer>;

/** What a guest's /init says on the lab's serial port: files between `report NAME` and `end`, and other lines. */
export class GuestReports {
  readonly #files = new Map<string, Buffer>();
  readonly #log: ConsoleLog;
  /** Name and base64 of the file that is coming in. */
  #open: { name: string; text: string[] } | undefined;

  constructor(log: ConsoleLog) {
    this.#log = log;
    log.onLine(({ text }) => this.#take(text));
  }

  get files(): GuestFiles {
    return this.#files;
  }

  /** Calls back for each line from now on; the result ends it. */
  onLine(listener: (line: ConsoleLine) => void): () => void {
    return this.#log.onLine(listener);
  }

  /** Waits for a line, from index `from` on. @throws QemuError `QEMU_TIMEOUT` */
  waitFor(pattern: RegExp, ms: number, from = 0): Promise<RegExpExecArray> {
    return this.#log.waitFor(pattern, ms, from);
  }

  /** Matches of all lines so far. */
  matches(pattern: RegExp): RegExpExecArray[] {
    return this.#log.lines.map(({ text }) => pattern.exec(text)).filter((match) => match !== null);
  }

  /** When the first line that fits came, milliseconds since the epoch. */
  timeOf(pattern: RegExp): number | undefined {
    return this.#log.lines.find(({ text }) => pattern.test(text))?.at;
  }

  #take(line: string): void {
    if (this.#open !== undefined) {
      if (line !== END) this.#open.text.push(line);
      else {
        this.#files.set(this.#open.name, Buffer.from(this.#open.text.join(''), 'base64'));
        this.#open = undefined;
      }
      return;
    }
    const begin = BEGIN.exec(line);
    if (begin !== null) this.#open = { name: begin[1] as string, text: [] };
  }
}
