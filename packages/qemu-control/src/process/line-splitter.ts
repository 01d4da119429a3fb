import { StringDecoder } from 'node:string_decoder';

/** Beyond this many characters a line without an end is given out as it is: no input makes it grow without bound. */
const LONGEST = 65_536;

/** Cuts a stream of bytes into lines, without their line ends. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #take: (line: string) => void;
  #rest = '';

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** What came after the last line end. */
  get rest(): string {
    return this.#rest;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(chunk as Buffer)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    for (const line of lines) this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  /** The stream has ended: what is left is a line, too. */
  end(): void {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
  }
}
