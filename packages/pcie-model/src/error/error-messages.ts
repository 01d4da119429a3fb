import type { ErrorSeverity, FabricObserver } from '../fabric/fabric-observer.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { Containment } from './containment.ts';
import type { ErrorRegisters } from './error-registers.ts';
import { escalate } from './escalation.ts';
import { EXPRESS, SECONDARY_STATUS, STATUS } from './register-offsets.ts';
import { receiveAtRoot } from './root-errors.ts';

/** Severity as number: index of its bits in Device Control, Root Control and Root Error Command. */
export const Severity = { correctable: 0, nonfatal: 1, fatal: 2 } as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

const severityNames: readonly ErrorSeverity[] = ['correctable', 'nonfatal', 'fatal'];

/** The interrupt of a root port or event collector itself. */
export interface RootInterrupts {
  /** `message` is the AER Interrupt Message Number. */
  raise(root: PcieFunction, message: number): void;
  /** Nothing is left to be served: INTx, if it is used, is deasserted. */
  lower(root: PcieFunction): void;
}

/** ERR_COR, ERR_NONFATAL and ERR_FATAL on their way from the function that sends them to the root (PCIe 6.2.3). */
export class ErrorMessages {
  readonly #registers: readonly ErrorRegisters[];
  readonly #observer: FabricObserver;
  readonly #platform: PlatformDescription;
  readonly #interrupts: RootInterrupts;
  readonly #containment: Containment;

  constructor(
    registers: readonly ErrorRegisters[],
    containment: Containment,
    observer: FabricObserver,
    platform: PlatformDescription,
    interrupts: RootInterrupts,
  ) {
    this.#registers = registers;
    this.#containment = containment;
    this.#observer = observer;
    this.#platform = platform;
    this.#interrupts = interrupts;
  }

  /** Sends `repeat` messages of `fn` if its registers enable them. */
  send(from: ErrorRegisters, severity: Severity, repeat: number): void {
    if (!this.#passes(from, severity)) return;
    const source = from.fn;
    const sourceId = source.requesterId;
    if (from.isRoot) {
      this.#arrive(from, source, sourceId, severity, repeat);
      return;
    }
    for (let bridge = source.parent; bridge !== undefined; bridge = bridge.parent) {
      // Messages are posted requests: they do not cross a link that is down.
      if (bridge.link?.isDown === true) return;
      const at = this.#registers[bridge.index] as ErrorRegisters;
      if (severity !== Severity.correctable) {
        at.setSecondaryStatus(SECONDARY_STATUS.receivedSystemError);
        if (this.#containment.triggers(bridge, severity === Severity.fatal, sourceId)) return;
      }
      if (!at.forwardsErrors || (severity !== Severity.correctable && !this.#passes(at, severity))) return;
      if (at.isRoot) {
        this.#arrive(at, source, sourceId, severity, repeat);
        return;
      }
    }
    this.#arriveOnRootBus(from, sourceId, severity, repeat);
  }

  /**
   * A conventional function asserts SERR#; a PCIe-to-PCI bridge above makes ERR_FATAL or ERR_NONFATAL of it, in its
   * own name (PCI Express to PCI Bridge Specification 10.1.1), on a root bus it goes to the chipset.
   */
  assertSerr(from: ErrorRegisters, repeat: number): void {
    if (!from.serrEnabled) return;
    from.setStatus(STATUS.signaledSystemError);
    for (let bridge = from.fn.parent; bridge !== undefined; bridge = bridge.parent) {
      const at = this.#registers[bridge.index] as ErrorRegisters;
      at.setSecondaryStatus(SECONDARY_STATUS.receivedSystemError);
      if (!at.forwardsErrors) return;
      if (at.express !== 0) {
        this.send(at, Severity.fatal, repeat);
        return;
      }
      if (!at.serrEnabled) return;
      at.setStatus(STATUS.signaledSystemError);
    }
    escalate(this.#observer, this.#platform.systemError, 'error-message', from.fn, Severity.fatal, repeat);
  }

  /**
   * Uncorrectable ones pass a function's primary side by Command.SERR# Enable or by Device Control, correctable ones
   * by Device Control alone (PCIe 7.5.1.1.3, 7.5.3.4).
   */
  #passes(at: ErrorRegisters, severity: Severity): boolean {
    const enabled = (at.deviceControl & (EXPRESS.correctableReporting << severity)) !== 0;
    if (severity === Severity.correctable) return enabled;
    if (at.serrEnabled) at.setStatus(STATUS.signaledSystemError);
    return enabled || at.serrEnabled;
  }

  /** Root-complex integrated functions report to the event collector of their root bus, if there is one (6.2.4.1). */
  #arriveOnRootBus(from: ErrorRegisters, sourceId: number, severity: Severity, repeat: number): void {
    const source = from.fn;
    for (const at of this.#registers) {
      const { kind, description } = at.fn;
      if (kind !== 'rc-event-collector' || description.segment !== source.description.segment) continue;
      if (description.bus !== source.description.bus) continue;
      this.#arrive(at, source, sourceId, severity, repeat);
      return;
    }
    if (severity === Severity.correctable || !from.serrEnabled) return;
    escalate(this.#observer, this.#platform.systemError, 'error-message', source, severity, repeat);
  }

  #arrive(
    root: ErrorRegisters,
    source: PcieFunction,
    sourceId: number,
    severity: Severity,
    repeat: number,
  ): void {
    // The second of equal messages sets the Multiple bits, further ones change nothing.
    let interrupt = receiveAtRoot(root, sourceId, severity);
    if (repeat > 1) interrupt = receiveAtRoot(root, sourceId, severity) || interrupt;
    const name = severityNames[severity] as ErrorSeverity;
    this.#observer.errorMessage(root.fn, sourceId, name, interrupt, repeat);
    if (interrupt) this.#interrupts.raise(root.fn, root.interruptMessage);
    if ((root.rootControl & (EXPRESS.systemErrorOnCorrectable << severity)) === 0) return;
    escalate(this.#observer, this.#platform.systemError, 'error-message', source, severity, repeat);
  }
}
