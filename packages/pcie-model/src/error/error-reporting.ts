import type { FabricObserver } from '../fabric/fabric-observer.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import type { TlpHeader } from '../request/tlp-header.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { Containment } from './containment.ts';
import { ErrorMessages, type RootInterrupts, Severity } from './error-messages.ts';
import { type ChangeCounter, ErrorRegisters } from './error-registers.ts';
import { AER, EXPRESS, STATUS } from './register-offsets.ts';
import { wantsService } from './root-errors.ts';
import { CorrectableError, FATAL_BY_DEFAULT, UncorrectableError } from './uncorrectable-error.ts';

/**
 * What becomes of an error that a function detects: Device Status, Advanced Error Reporting and, as far as registers
 * enable it, an error message on its way to the root (PCIe 6.2, flowchart 6-2).
 */
export class ErrorReporting {
  readonly #registers: readonly ErrorRegisters[];
  readonly #messages: ErrorMessages;
  readonly #changes: ChangeCounter = { count: 0 };

  constructor(
    functions: readonly PcieFunction[],
    containment: Containment,
    observer: FabricObserver,
    platform: PlatformDescription,
    interrupts: RootInterrupts,
  ) {
    this.#registers = functions.map((fn) => new ErrorRegisters(fn, this.#changes));
    this.#messages = new ErrorMessages(this.#registers, containment, observer, platform, interrupts);
    for (const root of this.#registers) {
      root.onRootWritten(() => {
        if (!wantsService(root)) interrupts.lower(root.fn);
      });
    }
  }

  /** Rises whenever an error changes a register. */
  get changes(): number {
    return this.#changes.count;
  }

  /**
   * `fn` received a completion with Unsupported Request, or a bridge took one for it. The requester only notes it
   * in its Status register: the error is the completer's to report (PCIe 6.2.3.2.4.1, 7.5.1.1.4).
   */
  receivedMasterAbort(fn: PcieFunction): void {
    this.#noteAbort(fn, STATUS.receivedMasterAbort);
  }

  /** `fn` received a completion with Completer Abort. */
  receivedTargetAbort(fn: PcieFunction): void {
    this.#noteAbort(fn, STATUS.receivedTargetAbort);
  }

  /** `fn` received data with the error/poisoned bit (PCIe 7.5.1.1.4). */
  receivedPoison(fn: PcieFunction): void {
    const at = this.#registers[fn.index] as ErrorRegisters;
    at.setStatus(STATUS.detectedParityError | (at.respondsToParity ? STATUS.masterDataParityError : 0));
  }

  /**
   * `bridge`, whose Bus Master Enable is clear, meets requests of `fn` from below. On a link it is the completer and
   * detects an Unsupported Request (PCIe 7.5.1.1.3), an Advisory Non-Fatal Error where it can answer (6.2.3.2.4.1).
   * On a conventional bus it claims nothing, so that the sender's cycle ends in a master abort.
   * True if the sender learns of it.
   */
  closedBridge(
    bridge: PcieFunction,
    fn: PcieFunction,
    header: TlpHeader,
    nonPosted: boolean,
    repeat: number,
  ): boolean {
    if (bridge.kind === 'pcie-to-pci-bridge' || bridge.kind === 'conventional-bridge') {
      (this.#registers[fn.index] as ErrorRegisters).setStatus(STATUS.receivedMasterAbort);
      return true;
    }
    this.uncorrectable(bridge, UncorrectableError.unsupportedRequest, header, nonPosted, repeat);
    if (nonPosted) this.receivedMasterAbort(fn);
    return nonPosted;
  }

  /** A fatal error inside of `fn`: ERR_FATAL where AER does not mask it, SERR# on a conventional bus. */
  internalError(fn: PcieFunction): void {
    this.uncorrectable(fn, UncorrectableError.uncorrectableInternal, undefined, false, 1);
  }

  /**
   * `fn` detects `error`, one of {@link UncorrectableError}, `repeat` times. `header` is that of the offending TLP, if one is to blame;
   * `advisory`: another agent is expected to deal with it, so that nonfatal becomes Advisory Non-Fatal.
   */
  uncorrectable(
    fn: PcieFunction,
    error: number,
    header: TlpHeader | undefined,
    advisory: boolean,
    repeat: number,
  ): void {
    const at = this.#registers[fn.index] as ErrorRegisters;
    if (at.express === 0) {
      this.#messages.assertSerr(at, repeat);
      return;
    }
    const bit = 1 << error;
    const isUnsupported = error === UncorrectableError.unsupportedRequest;
    const fatal = ((at.aer === 0 ? FATAL_BY_DEFAULT : at.readAer(AER.uncorrectableSeverity)) & bit) !== 0;
    const masked = (at.readAer(AER.uncorrectableMask) & bit) !== 0;
    if (isUnsupported) at.setDeviceStatus(EXPRESS.unsupportedDetected);
    const unsupportedIsSilent = isUnsupported && (at.deviceControl & EXPRESS.unsupportedReporting) === 0;
    if (advisory && !fatal && at.roleBased) {
      at.setDeviceStatus(EXPRESS.correctableDetected);
      const advisoryBit = 1 << CorrectableError.advisoryNonFatal;
      at.setAer(AER.correctableStatus, advisoryBit);
      if ((at.readAer(AER.correctableMask) & advisoryBit) !== 0) return;
      if (!masked) at.logHeader(error, header);
      at.setAer(AER.uncorrectableStatus, bit);
      if (masked || unsupportedIsSilent) return;
      this.#messages.send(at, Severity.correctable, repeat);
      return;
    }
    at.setDeviceStatus(fatal ? EXPRESS.fatalDetected : EXPRESS.nonfatalDetected);
    if (!masked) at.logHeader(error, header);
    at.setAer(AER.uncorrectableStatus, bit);
    if (masked || (unsupportedIsSilent && !at.serrEnabled)) return;
    this.#messages.send(at, fatal ? Severity.fatal : Severity.nonfatal, repeat);
  }

  /** `fn` detects one of {@link CorrectableError}, `repeat` times. */
  correctable(fn: PcieFunction, error: number, repeat: number): void {
    const at = this.#registers[fn.index] as ErrorRegisters;
    if (at.express === 0) return;
    at.setDeviceStatus(EXPRESS.correctableDetected);
    at.setAer(AER.correctableStatus, 1 << error);
    if ((at.readAer(AER.correctableMask) & (1 << error)) !== 0) return;
    this.#messages.send(at, Severity.correctable, repeat);
  }

  /** The bridge that speaks for a conventional function takes the completion, and ends the function's cycle likewise. */
  #noteAbort(fn: PcieFunction, bit: number): void {
    (this.#registers[fn.index] as ErrorRegisters).setStatus(bit);
    if (fn.kind !== 'conventional' && fn.kind !== 'conventional-bridge') return;
    for (let bridge = fn.parent; bridge !== undefined; bridge = bridge.parent) {
      if (bridge.kind !== 'pcie-to-pci-bridge' && bridge.kind !== 'conventional-bridge') return;
      (this.#registers[bridge.index] as ErrorRegisters).setStatus(bit);
    }
  }
}
