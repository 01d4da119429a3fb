import type { MemoryAccess } from '@quiesce/simulation';
import { RAM_BYTES } from './scenario.ts';

/** Memory of the oracle's machine as a unit sees it: RAM from 0, and beyond it nothing that answers. */
export class OracleMemory implements MemoryAccess {
  readonly #words: Uint32Array = new Uint32Array(RAM_BYTES / 4);
  /** Indices of words written since the last {@link clear}. */
  #written: number[] = [];
  /** In place of what stands there; for questions of the kind "what if it still read the old entry". */
  readonly overlay: Map<number, number> = new Map();

  read32(address: number): number {
    if (this.overlay.size > 0) {
      const word = this.overlay.get(address);
      if (word !== undefined) return word;
    }
    return address < RAM_BYTES ? (this.#words[address >>> 2] as number) : 0xffff_ffff;
  }

  write32(address: number, value: number): void {
    if (address >= RAM_BYTES) return;
    this.#words[address >>> 2] = value;
    this.#written.push(address >>> 2);
  }

  /** Whether nothing answers at `address`. */
  static absent(address: number): boolean {
    return address >= RAM_BYTES;
  }

  /** Addresses of words written since the last {@link clear}. */
  get written(): number[] {
    return this.#written.map((index) => index * 4);
  }

  /** Zeros again. */
  clear(): void {
    for (const index of this.#written) this.#words[index] = 0;
    this.#written = [];
  }
}
