import { AssertionError } from '@quiesce/simulation';
import type { AccessSize, StoppedGuest } from '../guest/stopped-guest.ts';
import { encodeFrame, type Frame, FrameKind } from './protocol/frames.ts';

const ADDRESS_PORT = 0xcf8;

/** Answers a strategy's accesses at one stop of a guest, one at a time, each with the size that it was made with. */
export class AccessAnswers {
  readonly #guest: StoppedGuest;
  /** What stood in port 0xCF8 when the hook began; undefined until it writes there. */
  #latch: number | undefined;

  constructor(guest: StoppedGuest) {
    this.#guest = guest;
  }

  /** Does what `frame` asks for. @returns the frame that answers it */
  async answer(frame: Frame): Promise<Uint8Array> {
    const { address, value } = frame;
    const size = frame.size as AccessSize;
    switch (frame.kind) {
      case FrameKind.readPort:
        return answerOf(await this.#guest.readPort(address, size));
      case FrameKind.writePort:
        if (address === ADDRESS_PORT) this.#latch ??= await this.#guest.readPort(ADDRESS_PORT, 4);
        await this.#guest.writePort(address, size, value);
        return done;
      case FrameKind.read:
        return answerOf(await this.#guest.read(address, size));
      case FrameKind.write:
      case FrameKind.post:
        await this.#guest.write(address, size, value);
        return done;
      case FrameKind.readBytes:
        return encodeFrame(FrameKind.answer, await this.#guest.readBytes(address, value));
      case FrameKind.writeBytes:
        // The bytes are a view of what was received; the guest may keep them for later.
        await this.#guest.writeBytes(address, frame.body.slice());
        return done;
      case FrameKind.wait:
        await this.#guest.wait(address);
        return done;
      case FrameKind.runKernel:
        await this.restoreLatch();
        await this.#guest.runKernel();
        return done;
      default:
        throw new AssertionError(`a strategy's process asked for ${frame.kind}, which is no access`);
    }
  }

  /** The kernel may have been between its write of port 0xCF8 and its access to 0xCFC. */
  async restoreLatch(): Promise<void> {
    if (this.#latch === undefined) return;
    const value = this.#latch;
    this.#latch = undefined;
    await this.#guest.writePort(ADDRESS_PORT, 4, value);
  }
}

const done = encodeFrame(FrameKind.answer);

function answerOf(value: number): Uint8Array {
  return encodeFrame(FrameKind.answer, undefined, value);
}
