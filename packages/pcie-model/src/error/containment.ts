import { downstreamPortContainment } from '../config-space/port-containment.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';

const { 'CONTROL.TRIGGER_ENABLE': TRIGGER_ENABLE, 'STATUS.TRIGGERED': TRIGGERED } =
  downstreamPortContainment.field;

/** DPC Trigger Reason: the message that was received. */
type Reason = 1 | 2;

interface Trigger {
  readonly port: PcieFunction;
  readonly reason: Reason;
  readonly source: number;
}

/**
 * Downstream Port Containment (PCIe 6.2.11): a port that receives ERR_FATAL, or ERR_NONFATAL as well if so enabled,
 * takes its link down instead of forwarding the message. Errors that the port itself detects do not trigger here.
 * The link goes down after the transaction that caused the message, so that no engine is reset in the midst of one.
 */
export class Containment {
  readonly #hierarchy: PcieHierarchy;
  readonly #waiting: Trigger[] = [];
  /** How many engines are below each port, by index. */
  readonly #enginesBelow: number[];

  constructor(hierarchy: PcieHierarchy) {
    this.#hierarchy = hierarchy;
    this.#enginesBelow = hierarchy.functions.map(() => 0);
  }

  engineAttached(fn: PcieFunction): void {
    for (let port = fn.parent; port !== undefined; port = port.parent) {
      this.#enginesBelow[port.index] = (this.#enginesBelow[port.index] as number) + 1;
    }
  }

  /** Whether another function's error can stop `fn` in the midst of what would otherwise be steady. */
  isShared(fn: PcieFunction): boolean {
    for (let port = fn.parent; port !== undefined; port = port.parent) {
      if (port.config.containment === 0 || (this.#enginesBelow[port.index] as number) < 2) continue;
      if (port.config.get(TRIGGER_ENABLE, port.config.containment) !== 0) return true;
    }
    return false;
  }

  /** `port` receives an uncorrectable message; true if that triggers it and the message ends here. */
  triggers(port: PcieFunction, fatal: boolean, source: number): boolean {
    const at = port.config.containment;
    if (at === 0) return false;
    const enabled = port.config.get(TRIGGER_ENABLE, at);
    if (enabled !== 2 && !(enabled === 1 && fatal)) return false;
    if (port.config.get(TRIGGERED, at) === 1) return true;
    this.#waiting.push({ port, reason: fatal ? 2 : 1, source });
    return true;
  }

  /** Takes down what was triggered, in that order. */
  settle(): void {
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift()) {
      this.#hierarchy.contain(first.port, first.reason, first.source);
    }
  }

  /** Something was triggered and waits for {@link settle}. */
  get isPending(): boolean {
    return this.#waiting.length > 0;
  }
}
