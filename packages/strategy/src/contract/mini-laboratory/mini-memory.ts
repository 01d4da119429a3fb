/** Sparse memory in dwords, and who owns which page of it. */
export class MiniMemory {
  readonly #words = new Map<number, number>();
  readonly #owned = new Set<number>();
  #next: number;
  /** Bytes handed out to the strategy. */
  extraBytes = 0;

  /** New pages are handed out from `firstFree` on; a multiple of 4,096. */
  constructor(firstFree = 0x3000_0000) {
    this.#next = firstFree;
  }

  /** Zeroed, page aligned, owned by the strategy. */
  allocate(bytes: number): number {
    const pages = Math.max(1, Math.ceil(bytes / 4096));
    const address = this.#next;
    this.#next += pages * 4096;
    for (let i = 0; i < pages; i++) this.#owned.add(address / 4096 + i);
    this.extraBytes += bytes;
    return address;
  }

  owns(address: number): boolean {
    return this.#owned.has(Math.floor(address / 4096));
  }

  read32(address: number): number {
    return this.#words.get(address) ?? 0;
  }

  write32(address: number, value: number): void {
    this.#words.set(address, value >>> 0);
  }

  /** Two dwords, low first, the high one holding bits 63:32 of `value`. */
  write64(address: number, value: number): void {
    this.write32(address, value);
    this.write32(address + 4, Math.floor(value / 0x1_0000_0000));
  }
}
