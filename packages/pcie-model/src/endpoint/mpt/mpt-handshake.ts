/** Dwords of the longest message that the doorbell takes, and 16-bit words of the longest reply. */
const REQUEST_DWORDS = 32;
const REPLY_WORDS = 40;

const At = { phase: 0, expected: 1, received: 2, length: 3, next: 4, request: 5, reply: 5 + REQUEST_DWORDS };

const Phase = { none: 0, receiving: 1, replying: 2 } as const;

/** Numbers that a {@link MptHandshake} remembers. */
export const HANDSHAKE_NUMBERS: number = 5 + REQUEST_DWORDS + REPLY_WORDS;

/**
 * A message through the doorbell, dword by dword, and its reply, half a dword at a time (mpi2.h, function Handshake):
 * the way in which a driver speaks to a controller that knows no queues yet. View of the controller's internal memory.
 */
export class MptHandshake {
  readonly #numbers: Float64Array;

  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  get isActive(): boolean {
    return this.#numbers[At.phase] !== Phase.none;
  }

  get isReplying(): boolean {
    return this.#numbers[At.phase] === Phase.replying;
  }

  /** The host announces a message of so many dwords; nothing happens without any. */
  begin(dwords: number): void {
    if (dwords === 0) return;
    this.#numbers.fill(0);
    this.#numbers[At.phase] = Phase.receiving;
    this.#numbers[At.expected] = dwords;
  }

  /** Takes one dword; true with the last one. What no message is long enough for is lost. */
  take(dword: number): boolean {
    const numbers = this.#numbers;
    const received = numbers[At.received] as number;
    if (received < REQUEST_DWORDS) numbers[At.request + received] = dword;
    numbers[At.received] = received + 1;
    return received + 1 >= (numbers[At.expected] as number);
  }

  /** The dword at a byte offset of the message; 0 beyond its end. */
  dword(offset: number): number {
    const index = offset >>> 2;
    return index < REQUEST_DWORDS ? (this.#numbers[At.request + index] as number) : 0;
  }

  /** Begins the reply: 16-bit words. */
  reply(words: readonly number[]): void {
    const numbers = this.#numbers;
    numbers[At.phase] = Phase.replying;
    numbers[At.length] = Math.min(words.length, REPLY_WORDS);
    numbers[At.next] = 0;
    for (let i = 0; i < words.length && i < REPLY_WORDS; i++) numbers[At.reply + i] = words[i] as number;
  }

  /** The word that the doorbell shows. */
  get word(): number {
    return this.#numbers[At.reply + (this.#numbers[At.next] as number)] as number;
  }

  /** The host has taken a word; false after the last one, which ends the handshake. */
  advance(): boolean {
    const numbers = this.#numbers;
    const next = (numbers[At.next] as number) + 1;
    if (next < (numbers[At.length] as number)) {
      numbers[At.next] = next;
      return true;
    }
    numbers.fill(0);
    return false;
  }
}
