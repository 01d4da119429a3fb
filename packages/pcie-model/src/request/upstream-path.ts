import { commonHeader, type1Header } from '../config-space/header-registers.ts';
import type { StopReason } from '../fabric/fabric-observer.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

const COMMAND = commonHeader.field['COMMAND.BUS_MASTER'].offset;
const BUS_MASTER_ENABLE = 1 << commonHeader.field['COMMAND.BUS_MASTER'].low;
const SECONDARY_BUS = type1Header.field['SECONDARY_BUS.NUMBER'].offset;

interface Answer {
  readonly requesterId: number;
  readonly why: StopReason | undefined;
  readonly bridge: PcieFunction | undefined;
}

/**
 * The way of a request from its function up to the root complex, as registers stand now. One object is reused:
 * {@link trace} overwrites the answer of the call before.
 */
export class UpstreamPath {
  /** The requester ID that the root complex sees. */
  requesterId = 0;
  /** Why the request does not arrive; undefined if it does. */
  why: StopReason | undefined;
  /** The bridge that stopped it. */
  bridge: PcieFunction | undefined;
  readonly #hierarchy: PcieHierarchy;
  /** Answers that hold until {@link forget}, by function index; undefined while nothing may be remembered. */
  readonly #known: (Answer | undefined)[];
  #remembers = false;
  #isEmpty = true;

  constructor(hierarchy: PcieHierarchy) {
    this.#hierarchy = hierarchy;
    this.#known = hierarchy.functions.map(() => undefined);
  }

  /** From now on no software writes registers and time does not pass for them, until {@link forget}. */
  remember(): void {
    this.#remembers = true;
  }

  /** Registers may change, or have changed. */
  forget(): void {
    this.#remembers = false;
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    this.#known.fill(undefined);
  }

  /**
   * Follows a memory request or message-signalled interrupt of `fn`. True if it arrives.
   *
   * A bridge that forwards requests of conventional functions replaces the requester ID: a PCIe-to-PCI bridge by its
   * secondary bus number and devfn 0, a bridge of conventional PCI, which has no requester IDs on its secondary side,
   * by its own (PCI Express to PCI/PCI-X Bridge Specification 2.3).
   */
  trace(fn: PcieFunction): boolean {
    const known = this.#known[fn.index];
    if (known !== undefined) {
      this.requesterId = known.requesterId;
      this.why = known.why;
      this.bridge = known.bridge;
      return known.why === undefined;
    }
    this.#follow(fn);
    const { requesterId, why, bridge } = this;
    if (this.#remembers) {
      this.#known[fn.index] = { requesterId, why, bridge };
      this.#isEmpty = false;
    }
    return why === undefined;
  }

  #follow(fn: PcieFunction): void {
    this.requesterId = fn.requesterId;
    this.why = undefined;
    this.bridge = undefined;
    if (!this.#hierarchy.isOperational(fn)) this.why = 'not-operational';
    else if (!isBusMaster(fn) && fn.description.endpoint.traits.honoursBusMaster) {
      this.why = 'bus-master-disabled';
    }
    for (let bridge = fn.parent; bridge !== undefined; bridge = bridge.parent) {
      if (bridge.kind === 'pcie-to-pci-bridge') {
        this.requesterId = bridge.config.file.peek8(SECONDARY_BUS) << 8;
      } else if (bridge.kind === 'conventional-bridge' || bridge.kind === 'pci-to-pcie-bridge') {
        this.requesterId = bridge.requesterId;
      }
      if (this.why === undefined && !isBusMaster(bridge)) {
        this.why = 'bridge-closed';
        this.bridge = bridge;
      }
    }
  }
}

/** Whether the function may issue memory requests, or a bridge forward them. */
export function isBusMaster(fn: PcieFunction): boolean {
  return enablesBusMaster(fn.config.file.peek16(COMMAND));
}

/** Whether this value of the Command register has Bus Master Enable set. */
export function enablesBusMaster(command: number): boolean {
  return (command & BUS_MASTER_ENABLE) !== 0;
}
