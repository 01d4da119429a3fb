/** The three address spaces that a bridge has windows for, in the order in which firmware hands them out. */
export const resourceKinds = ['io', 'memory', 'prefetchable'] as const;

/** One of {@link resourceKinds}. */
export type ResourceKind = (typeof resourceKinds)[number];

interface Demand {
  readonly size: number;
  readonly align: number;
  readonly take: (address: number) => void;
}

/** What is wanted of each address space on one bus: largest alignment first, then largest size, then first come. */
export class BusResources {
  readonly #demands: Readonly<Record<ResourceKind, Demand[]>> = { io: [], memory: [], prefetchable: [] };
  readonly #base: Record<ResourceKind, number> = { io: 0, memory: 0, prefetchable: 0 };

  /** `align` is a power of two; `take` is called with the address by {@link give}. */
  ask(kind: ResourceKind, size: number, align: number, take: (address: number) => void): void {
    const list = this.#demands[kind];
    const before = list.findIndex((one) => one.align < align || (one.align === align && one.size < size));
    list.splice(before < 0 ? list.length : before, 0, { size, align, take });
  }

  sum(kind: ResourceKind): number {
    return this.#demands[kind].reduce((total, one) => total + one.size, 0);
  }

  /** The largest alignment that is wanted, 1 if nothing is. */
  align(kind: ResourceKind): number {
    return this.#demands[kind][0]?.align ?? 1;
  }

  setBase(kind: ResourceKind, address: number): void {
    this.#base[kind] = address;
  }

  give(): void {
    for (const kind of resourceKinds) {
      let address = this.#base[kind];
      for (const { size, take } of this.#demands[kind]) {
        take(address);
        address += size;
      }
    }
  }
}
