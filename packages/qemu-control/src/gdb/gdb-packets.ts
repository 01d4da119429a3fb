const DOLLAR = 0x24;
const HASH = 0x23;
const ESCAPE = 0x7d;
const PLUS = 0x2b;

/** Frames a packet of the GDB remote protocol: `$text#checksum`. */
export function framePacket(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum + text.charCodeAt(i)) & 0xff;
  return `$${text}#${sum.toString(16).padStart(2, '0')}`;
}

/** Takes packets out of a stream of the GDB remote protocol; acknowledgements are dropped. */
export class PacketReader {
  readonly #take: (text: string) => void;
  #body: number[] | undefined;
  /** Digits of the checksum still to come. */
  #checksum = 0;

  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#checksum > 0) {
        if (--this.#checksum === 0) this.#finish();
      } else if (byte === DOLLAR) this.#body = [];
      else if (this.#body === undefined) continue;
      else if (byte === HASH) this.#checksum = 2;
      else this.#body.push(byte);
    }
  }

  #finish(): void {
    const body = this.#body ?? [];
    this.#body = undefined;
    let text = '';
    for (let i = 0; i < body.length; i++) {
      // The byte after an escape is sent with bit 5 turned over.
      text += String.fromCharCode(body[i] === ESCAPE ? (body[++i] ?? 0) ^ 0x20 : (body[i] as number));
    }
    this.#take(text);
  }
}

/** What a receiver sends for each packet. */
export const acknowledgement: string = String.fromCharCode(PLUS);
