/** `6,1234,5678901,-,ncfrag=0/1100;`: sequence number, and where the fragment begins in how many bytes. */
const HEAD =
  /(?:\d{1,2}\.\d{1,3}[\w.+~-]{0,80},)?\d{1,4},(\d{1,12}),\d{1,16},[-c+](?:,[^;,]{0,64}){0,4}?,ncfrag=(\d{1,6})\/(\d{1,6})(?:,[^;]{0,64})?;/g;
/** More than netconsole can send of one message. */
const MAX_TEXT = 65_536;

interface Message {
  readonly sequence: string;
  readonly line: number;
  text: string;
  /** Where the next fragment begins. */
  next: number;
}

/**
 * Puts fragments of netconsole together: extended messages that are longer than a packet come in several, each with its
 * own head (kernel documentation, `networking/netconsole`). Receivers write them behind each other, on one line or several.
 */
export class NetconsoleFragments {
  readonly #emit: (text: string, line: number) => void;
  #message: Message | undefined;

  /** @param emit takes whole messages, and lines that are no fragment; and of a message whose end was lost what has come */
  constructor(emit: (text: string, line: number) => void) {
    this.#emit = emit;
  }

  /** True while a message waits for its next fragment. */
  get wantsNext(): boolean {
    return this.#message !== undefined;
  }

  take(text: string, line: number): void {
    if (this.#message === undefined && !text.includes('ncfrag=')) {
      this.#emit(text, line);
      return;
    }
    const heads = [...text.matchAll(HEAD)];
    if (heads.length === 0) {
      this.finish();
      this.#emit(text, line);
      return;
    }
    for (const [index, head] of heads.entries()) {
      const body = text.slice(head.index + head[0].length, heads[index + 1]?.index ?? text.length);
      this.#add(head, index === 0 ? text.slice(0, head.index) : '', body, line);
    }
    if ((this.#message?.next ?? 0) >= Number(heads.at(-1)?.[3])) this.finish();
  }

  /** Nothing follows any more. */
  finish(): void {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined) this.#emit(message.text, message.line);
  }

  #add(head: RegExpMatchArray, before: string, body: string, line: number): void {
    const sequence = head[1] as string;
    const next = Number(head[2]) + body.length;
    const one = this.#message;
    if (one !== undefined && one.sequence === sequence && one.text.length < MAX_TEXT) {
      one.text += body;
      one.next = next;
      return;
    }
    this.finish();
    const start = head[0].replace(/,ncfrag=[^;]*;$/, ';');
    this.#message = { sequence, line, text: `${before}${start}${body}`, next };
  }
}
