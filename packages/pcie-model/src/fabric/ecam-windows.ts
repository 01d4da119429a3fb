import type { Address } from '@quiesce/simulation';
import type { RootComplexDescription } from '../topology/function-description.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

const PER_BUS = 0x10_0000;

/** ECAM windows of all root complexes (PCIe 7.2.2): which config access a memory access is. */
export class EcamWindows {
  readonly #hierarchy: PcieHierarchy;
  readonly #windows: readonly {
    readonly segment: number;
    readonly base: Address;
    readonly from: Address;
    readonly end: Address;
  }[];
  #segment = 0;
  #place = 0;

  constructor(hierarchy: PcieHierarchy, rootComplexes: readonly RootComplexDescription[]) {
    this.#hierarchy = hierarchy;
    this.#windows = rootComplexes.flatMap(({ segment, firstBus, lastBus, ecamBase }) =>
      ecamBase === undefined
        ? []
        : [
            {
              segment,
              base: ecamBase,
              from: ecamBase + firstBus * PER_BUS,
              end: ecamBase + (lastBus + 1) * PER_BUS,
            },
          ],
    );
  }

  /** True if `address` lies in a window; {@link read} and {@link write} then mean it. */
  decode(address: Address): boolean {
    for (const window of this.#windows) {
      if (address < window.from || address >= window.end) continue;
      this.#segment = window.segment;
      this.#place = address - window.base;
      return true;
    }
    return false;
  }

  read(size: 1 | 2 | 4): number {
    const at = this.#place;
    return this.#hierarchy.configRead(
      this.#segment,
      at >>> 20,
      (at >>> 15) & 31,
      (at >>> 12) & 7,
      at & 0xfff,
      size,
    );
  }

  write(size: 1 | 2 | 4, value: number): void {
    const at = this.#place;
    this.#hierarchy.configWrite(
      this.#segment,
      at >>> 20,
      (at >>> 15) & 31,
      (at >>> 12) & 7,
      at & 0xfff,
      size,
      value,
    );
  }
}
