import { type Address, PAGE_SIZE } from '@quiesce/simulation';

/** Which kernel gave a page to a device. */
export type BufferKernel = 1 | 2;
/** Who gave a page to a device: a kernel, or firmware before any kernel. */
export type BufferGiver = BufferKernel | 'firmware';
const FIRMWARE = 3;

/** A power of two. */
const RECENT = 256;
const NOBODY = -1;

/** Which page was given to which function by which kernel, so that leftover DMA can be told from wanted DMA. */
export class BufferRegistry {
  readonly #pages = new Map<number, number>();
  readonly #givenUp = new Set<number>();
  /** What was asked for of late: devices come back to the same pages. Frame or -1, and what {@link #pages} has of it. */
  readonly #recentFrames: Float64Array = new Float64Array(RECENT).fill(-1);
  readonly #recent: Int32Array = new Int32Array(RECENT);

  /** `giver` gives the pages of `bytes` at `physical` to the function of index `fn` (below 2^20). */
  give(giver: BufferGiver, fn: number, physical: Address, bytes: number): void {
    const last = Math.floor((physical + bytes - 1) / PAGE_SIZE);
    for (let frame = Math.floor(physical / PAGE_SIZE); frame <= last; frame++) {
      this.#pages.set(frame, fn * 4 + (giver === 'firmware' ? FIRMWARE : giver));
      this.#recentFrames[frame & (RECENT - 1)] = -1;
    }
  }

  /** Leftover DMA of any function may write the pages of `bytes` at `physical`: nobody keeps anything there. */
  giveUp(physical: Address, bytes: number): void {
    const last = Math.floor((physical + bytes - 1) / PAGE_SIZE);
    for (let frame = Math.floor(physical / PAGE_SIZE); frame <= last; frame++) this.#givenUp.add(frame);
  }

  /** True if leftover DMA may write the page at `address`. */
  isGivenUp(address: Address): boolean {
    return this.#givenUp.has(Math.floor(address / PAGE_SIZE));
  }

  /** True if the second kernel gave the page at `address` to one of its devices. */
  isGivenBySecondKernel(address: Address): boolean {
    return ((this.#pages.get(Math.floor(address / PAGE_SIZE)) ?? 0) & 3) === 2;
  }

  /** Who gave the page at `address` to this function; 0 if nobody did. */
  givenTo(fn: number, address: Address): BufferGiver | 0 {
    const frame = Math.floor(address / PAGE_SIZE);
    const place = frame & (RECENT - 1);
    if (this.#recentFrames[place] !== frame) {
      this.#recentFrames[place] = frame;
      this.#recent[place] = this.#pages.get(frame) ?? NOBODY;
    }
    const held = this.#recent[place] as number;
    if (held === NOBODY || held >> 2 !== fn) return 0;
    const giver = held & 3;
    return giver === FIRMWARE ? 'firmware' : (giver as BufferKernel);
  }
}
