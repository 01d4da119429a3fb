import { singleRootIoVirtualization } from '../config-space/virtualization.ts';
import type { Bus, RootBus } from './bus.ts';
import type { PcieFunction } from './pcie-function.ts';

const SECONDARY_BUS = 0x19;
const SUBORDINATE_BUS = 0x1a;

/** Routing of configuration requests by the bus numbers that bridges have now. */
export class BusRouting {
  readonly #roots: readonly RootBus[];
  readonly #buses: readonly (Bus | undefined)[];
  /** By segment: who answers for each bus; null: nobody, undefined: not looked up since the last change. */
  readonly #known = new Map<number, (Bus | null | undefined)[]>();

  constructor(roots: readonly RootBus[], buses: readonly (Bus | undefined)[]) {
    this.#roots = roots;
    this.#buses = buses;
    for (const root of roots) this.#known.set(root.segment, new Array(256).fill(undefined));
  }

  /** Bus numbers have changed. */
  forget(): void {
    for (const known of this.#known.values()) known.fill(undefined);
  }

  /**
   * The function that a request is routed to; whether it, and the bridges above, answer now is not asked.
   * A bridge turns a type 1 request for its secondary bus into type 0 and passes on those up to its subordinate bus
   * (PCIe 7.3.3).
   */
  find(segment: number, bus: number, devfn: number): PcieFunction | undefined {
    const known = this.#known.get(segment);
    if (known === undefined || bus > 255) return undefined;
    let found = known[bus];
    if (found === undefined) {
      found = this.#search(segment, bus) ?? null;
      known[bus] = found;
    }
    if (found === null) return undefined;
    const bridge = found.bridge;
    if (bridge !== undefined && bridge.config.file.peek8(SECONDARY_BUS) !== bus) {
      return virtualFunctionAt(found, bus * 256 + devfn);
    }
    const fn = found.byDevfn[devfn];
    if (fn === undefined) return virtualFunctionAt(found, bus * 256 + devfn);
    if (devfn >= 8 && !found.anyDevice && bridge !== undefined && !forwardsAri(bridge)) return undefined;
    if (fn.physicalFunction !== undefined && !virtualFunctionExists(fn)) return undefined;
    return fn;
  }

  #search(segment: number, bus: number): Bus | undefined {
    let best: RootBus | undefined;
    for (const root of this.#roots) {
      if (root.segment !== segment || bus < root.firstBus || bus > root.lastBus) continue;
      if (bus === root.firstBus) return root.bus;
      if (best === undefined || root.lastBus - root.firstBus < best.lastBus - best.firstBus) best = root;
    }
    return best === undefined ? undefined : this.#below(best.bus, bus);
  }

  /** Follows type 1 requests down; the first bridge that claims a bus gets it. */
  #below(start: Bus, bus: number): Bus | undefined {
    let at: Bus | undefined = start;
    for (;;) {
      let next: Bus | undefined;
      for (const fn of (at as Bus).functions) {
        if (!fn.isBridge) continue;
        const file = fn.config.file;
        const secondary = file.peek8(SECONDARY_BUS);
        // The secondary bus is compared first; it belongs to the bridge even if its subordinate bus is lower.
        if (bus === secondary) return this.#buses[fn.index];
        if (bus < secondary || bus > file.peek8(SUBORDINATE_BUS)) continue;
        next = this.#buses[fn.index];
        break;
      }
      // Virtual functions may need more bus numbers than the secondary bus (PCIe 9.2.1.2).
      if (next === undefined) return at === start ? undefined : at;
      at = next;
    }
  }
}

/** Whether the port passes on device numbers other than 0 (PCIe 6.13). */
function forwardsAri(bridge: PcieFunction): boolean {
  const express = bridge.config.express;
  return express !== 0 && (bridge.config.file.peek8(express + 0x28) & 0x20) !== 0;
}

function virtualFunctionAt(bus: Bus, requesterId: number): PcieFunction | undefined {
  for (const fn of bus.functions) {
    if (fn.physicalFunction === undefined || fn.requesterId !== requesterId) continue;
    return virtualFunctionExists(fn) ? fn : undefined;
  }
  return undefined;
}

/** A virtual function is there while VF Enable is set and NumVFs reaches it (PCIe 9.3.3.3.1). */
export function virtualFunctionExists(fn: PcieFunction): boolean {
  const config = fn.physicalFunction?.config;
  if (config === undefined || config.sriov === 0) return false;
  const field = singleRootIoVirtualization.field;
  if (config.get(field['CONTROL.VF_ENABLE'], config.sriov) === 0) return false;
  return fn.virtualIndex < config.get(field['NUM_VFS.COUNT'], config.sriov);
}
