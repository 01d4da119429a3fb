import type { Duplex } from 'node:stream';

const TICK_MS = 5;
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
/** Locally administered, unicast. */
const SENDER = [0x02, 0x71, 0x75, 0x69, 0x65, 0x73];
/** Local experimental EtherType 1 (IEEE 802). */
const TYPE = [0x88, 0xb5];
const PAYLOAD = 46;

/** A broadcast frame of the smallest size, behind the length that a stream network puts in front. */
const FRAME: Buffer = Buffer.concat([
  Buffer.from([0, 0, 0, 14 + PAYLOAD]),
  Buffer.from([...BROADCAST, ...SENDER, ...TYPE]),
  Buffer.alloc(PAYLOAD, 0xa5),
]);

/** Sends broadcast frames to a guest's network controller, so that its receive ring stays busy. */
export class FrameFlood {
  readonly #stream: Duplex;
  #timer: NodeJS.Timeout | undefined;
  #owed = 0;
  /** Frames handed to QEMU so far. */
  sent = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // What the guest sends is nobody's concern, but it must be taken.
    stream.on('data', () => {});
    stream.on('error', () => this.stop());
  }

  /** @param perSecond frames each second, 1 to 100,000 */
  start(perSecond: number): void {
    this.stop();
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#owed = Math.min(this.#owed + ((now - last) * perSecond) / 1000, perSecond);
      last = now;
      // A guest that is stopped takes nothing: what would have come then is not saved up for it.
      if (this.#stream.writableLength > FRAME.length * 16) this.#owed = 0;
      for (; this.#owed >= 1; this.#owed--) {
        this.#stream.write(FRAME);
        this.sent++;
      }
    }, TICK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#owed = 0;
  }
}
