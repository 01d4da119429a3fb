/** Reason, number of the dump and of its part: the kernel writes it before each record that it leaves in pstore. */
const HEADING =
  /^(?:Panic|Oops|Emergency|Shutdown|Restart|Halt|Poweroff|Unknown)#(\d{1,6}) Part(\d{1,4})[ \t\r]*$/;
/** No kernel keeps a longer log for a dump; what is longer is read in the order of the file. */
const MAX_CHARACTERS = 4 << 20;

interface Part {
  readonly part: number;
  readonly lines: { readonly text: string; readonly line: number }[];
}

/**
 * Puts the records of a crash that pstore kept into the order of time: Part1 is the latest piece of the log, and a folder
 * of records that was written into one file begins with it (fs/pstore/platform.c).
 */
export class PstoreParts {
  readonly #emit: (text: string, line: number) => void;
  readonly #note: (line: number, message: string) => void;
  #parts: Part[] = [];
  #dump = '';
  #characters = 0;

  constructor(emit: (text: string, line: number) => void, note: (line: number, message: string) => void) {
    this.#emit = emit;
    this.#note = note;
  }

  /** True while lines are held back, as an earlier piece may follow. */
  get wantsNext(): boolean {
    return this.#parts.length > 0;
  }

  take(text: string, line: number): void {
    const current = this.#parts.at(-1);
    if (current === undefined && !text.includes(' Part')) {
      this.#emit(text, line);
      return;
    }
    const heading = HEADING.exec(text);
    if (heading !== null) {
      const part = Number(heading[2]);
      if (current !== undefined && (heading[1] !== this.#dump || part <= current.part)) this.finish();
      this.#dump = heading[1] as string;
      this.#parts.push({ part, lines: [] });
      return;
    }
    if (current === undefined) {
      this.#emit(text, line);
      return;
    }
    current.lines.push({ text, line });
    this.#characters += text.length + 1;
    if (this.#characters <= MAX_CHARACTERS) return;
    this.#note(
      line,
      'the records of pstore are longer than any kernel keeps: what follows is read as it stands',
    );
    this.finish();
  }

  /** Nothing follows any more: the earliest piece first. */
  finish(): void {
    const parts = this.#parts;
    this.#parts = [];
    this.#characters = 0;
    for (const { lines } of parts.reverse()) for (const { text, line } of lines) this.#emit(text, line);
  }
}
