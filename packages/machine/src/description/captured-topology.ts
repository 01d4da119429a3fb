import type { ScopeTopology } from '@quiesce/vtd-iommu';
import { isExpressBridgeWithoutCapability } from '../known-devices/dma-aliases.ts';
import { ConfigReader } from './config-reader.ts';
import { type FunctionPlace, requesterIdOf } from './function-name.ts';

/** A function's place and config space. */
export interface PlacedConfig extends FunctionPlace {
  readonly bytes: Uint8Array;
  /** Where it was read, for messages. */
  readonly file?: string;
  readonly line?: number;
}

const PCIE_TO_PCI_BRIDGE = 7;
const PCI_TO_PCIE_BRIDGE = 8;

/** What device scopes see of the machine as it was captured. */
export class CapturedTopology implements ScopeTopology {
  readonly #functions = new Map<number, ConfigReader>();
  /** By segment and secondary bus: the bridge above. */
  readonly #bridges = new Map<number, { readonly requesterId: number; readonly config: ConfigReader }>();

  constructor(functions: readonly PlacedConfig[]) {
    for (const one of functions) {
      const config = new ConfigReader(one.bytes);
      const requesterId = requesterIdOf(one);
      this.#functions.set(one.segment * 0x1_0000 + requesterId, config);
      const secondary = config.isBridge ? config.u8(0x19) : 0;
      if (secondary > one.bus) this.#bridges.set(one.segment * 0x100 + secondary, { requesterId, config });
    }
  }

  hasFunction(segment: number, bus: number, device: number, fn: number): boolean {
    return this.#at(segment, bus, device, fn) !== undefined;
  }

  busesBelow(
    segment: number,
    bus: number,
    device: number,
    fn: number,
  ): { readonly first: number; readonly last: number } | undefined {
    const config = this.#at(segment, bus, device, fn);
    if (config === undefined || !config.isBridge) return undefined;
    const first = config.u8(0x19);
    const last = config.u8(0x1a);
    return first === 0 || last < first ? undefined : { first, last };
  }

  /** No bridge leads to this bus. */
  isOnRootBus(segment: number, bus: number): boolean {
    return !this.#bridges.has(segment * 0x100 + bus);
  }

  /**
   * A function on a conventional bus sends under its bridge's ID, or under that bus's device 0 (PCI Express to PCI/PCI-X
   * Bridge Specification 1.0, 2.3), as Linux's pci_for_each_dma_alias takes it.
   */
  *aliases(segment: number, requesterId: number): Iterable<number> {
    let bus = requesterId >>> 8;
    for (let depth = 0; depth < 256; depth++) {
      const bridge = this.#bridges.get(segment * 0x100 + bus);
      if (bridge === undefined) return;
      if (this.isExpressToConventional(segment, bus)) yield bus << 8;
      else if ([undefined, PCI_TO_PCIE_BRIDGE].includes(bridge.config.expressType)) yield bridge.requesterId;
      bus = bridge.requesterId >>> 8;
    }
  }

  /** The bridge above this bus passes conventional requests on to PCI Express; some such bridges lack the capability that says so. */
  isExpressToConventional(segment: number, bus: number): boolean {
    const bridge = this.#bridges.get(segment * 0x100 + bus);
    if (bridge === undefined) return false;
    if (bridge.config.expressType !== undefined) return bridge.config.expressType === PCIE_TO_PCI_BRIDGE;
    const above = this.#bridges.get(segment * 0x100 + (bridge.requesterId >>> 8))?.config.expressType;
    return (
      above !== undefined && above !== PCIE_TO_PCI_BRIDGE && isExpressBridgeWithoutCapability(bridge.config)
    );
  }

  #at(segment: number, bus: number, device: number, fn: number): ConfigReader | undefined {
    return this.#functions.get(segment * 0x1_0000 + requesterIdOf({ segment, bus, device, fn }));
  }
}
