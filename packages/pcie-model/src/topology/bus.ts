import type { PcieFunction } from './pcie-function.ts';

/** A root bus or the secondary bus of a bridge: the functions wired to it, by device and function number. */
export class Bus {
  /** The bridge above; undefined for a root bus. */
  readonly bridge: PcieFunction | undefined;
  readonly functions: PcieFunction[] = [];
  /** By devfn; virtual functions that were captured on this bus, too. */
  readonly byDevfn: (PcieFunction | undefined)[] = new Array(256).fill(undefined);
  /**
   * Every device number is passed on: a root bus, a bus inside of a switch, a conventional bus. Below a link there is
   * device 0 alone (PCIe 7.3.1), unless ARI forwarding is on.
   */
  anyDevice = true;

  constructor(bridge: PcieFunction | undefined) {
    this.bridge = bridge;
  }

  /** Wires `fn` to this bus. False if its place is taken. */
  add(fn: PcieFunction, onOwnBus: boolean): boolean {
    if (onOwnBus) {
      if (this.byDevfn[fn.devfn] !== undefined) return false;
      this.byDevfn[fn.devfn] = fn;
    }
    this.functions.push(fn);
    fn.parent = this.bridge;
    this.bridge?.children.push(fn);
    return true;
  }
}

/** A root complex, or what must be taken for one: a bus that nothing claims. */
export interface RootBus {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
  readonly bus: Bus;
}
