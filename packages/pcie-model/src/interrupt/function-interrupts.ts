import { INTERRUPT_WINDOW, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import type { ErrorReporting } from '../error/error-reporting.ts';
import type { FabricObserver } from '../fabric/fabric-observer.ts';
import type { BusMaster } from '../request/bus-master.ts';
import type { DmaPath } from '../request/dma-path.ts';
import { memoryRequestHeader, newTlpHeader } from '../request/tlp-header.ts';
import type { UpstreamPath } from '../request/upstream-path.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { InterruptPath } from './interrupt-path.ts';
import { IntxPin, type IntxPinState } from './intx-pin.ts';
import { MsiCapability } from './msi-capability.ts';
import { MsiXCapability } from './msi-x-capability.ts';
import type { MsiXTableState } from './msi-x-table.ts';

export interface FunctionInterruptsState {
  readonly pin: IntxPinState;
  readonly msiX?: MsiXTableState;
}

/** What a function's interrupts meet on their way; shared by all functions. */
export interface InterruptParts {
  readonly path: UpstreamPath;
  readonly dma: DmaPath;
  readonly interrupts: InterruptPath;
  readonly errors: ErrorReporting;
  readonly observer: FabricObserver;
}

/** All ways in which one function interrupts, as its registers are programmed now. */
export class FunctionInterrupts implements Snapshottable<FunctionInterruptsState> {
  readonly master: BusMaster;
  readonly fn: PcieFunction;
  readonly msi: MsiCapability | undefined;
  readonly msiX: MsiXCapability | undefined;
  readonly pin: IntxPin;
  readonly #parts: InterruptParts;
  readonly #header = newTlpHeader();

  constructor(master: BusMaster, parts: InterruptParts) {
    const { fn } = master;
    this.master = master;
    this.fn = fn;
    this.#parts = parts;
    this.msi = MsiCapability.of(fn);
    this.msiX = MsiXCapability.of(fn);
    this.pin = new IntxPin(fn, parts.observer);
    this.pin.suppressed = this.#usesMessages;
    const written = (): void => this.registersWritten();
    for (const capability of [this.msi, this.msiX]) {
      for (const offset of capability?.watched ?? []) fn.config.file.onWrite(offset, 32, written);
    }
  }

  /** Interrupt `index` of the device: MSI-X if enabled, else MSI if enabled, else INTx (PCIe 6.1.4). */
  raise(index: number): void {
    const { msi, msiX } = this;
    if (msiX?.enabled === true) {
      const vector = index % msiX.table.size;
      if (msiX.functionMasked || msiX.table.masked(vector)) {
        msiX.table.setPending(vector, true);
        this.#parts.observer.interruptHeldBack(this.fn, index, 'masked', 1);
      } else this.#sendMsiX(vector, index);
    } else if (msi?.enabled === true) {
      const vector = index % msi.vectors;
      if (msi.masked(vector)) {
        msi.setPending(vector, true);
        this.#parts.observer.interruptHeldBack(this.fn, index, 'masked', 1);
      } else this.#send(msi.addressHigh, msi.addressLow, msi.dataFor(vector), index);
    } else if (!this.pin.assert()) this.#parts.observer.interruptHeldBack(this.fn, index, 'disabled', 1);
  }

  /** INTx deasserted; message-signalled interrupts have no end. */
  deassert(): void {
    this.pin.deassert();
  }

  /** Software has written the function's registers: vectors that are not masked any more are sent. */
  registersWritten(): void {
    const { msi, msiX } = this;
    this.pin.suppressed = this.#usesMessages;
    this.pin.disableChanged();
    if (msiX?.enabled === true && !msiX.functionMasked && msiX.table.anyPending) {
      const { table } = msiX;
      for (let vector = 0; vector < table.size; vector++) {
        if (!table.pending(vector) || table.masked(vector)) continue;
        table.setPending(vector, false);
        this.#sendMsiX(vector, vector);
      }
    }
    if (msi?.enabled === true && msi.anyPending) {
      for (let vector = 0; vector < msi.vectors; vector++) {
        if (!msi.pending(vector) || msi.masked(vector)) continue;
        msi.setPending(vector, false);
        this.#send(msi.addressHigh, msi.addressLow, msi.dataFor(vector), vector);
      }
    }
  }

  /** The function was reset. */
  reset(): void {
    this.pin.reset();
    this.pin.suppressed = false;
    this.msiX?.table.reset();
  }

  get #usesMessages(): boolean {
    return this.msi?.enabled === true || this.msiX?.enabled === true;
  }

  #sendMsiX(vector: number, index: number): void {
    const table = (this.msiX as MsiXCapability).table;
    this.#send(table.addressHigh(vector), table.addressLow(vector), table.data(vector), index);
  }

  /** A message is a posted memory write of one dword, gated like any other. */
  #send(high: number, low: number, data: number, index: number): void {
    const { path, observer, errors, interrupts, dma } = this.#parts;
    const address = high * 0x1_0000_0000 + low;
    if (address < INTERRUPT_WINDOW.start || address >= INTERRUPT_WINDOW.end) {
      // Software has programmed something else: then it is a write like any other.
      dma.writeDword(this.master, address, data);
      return;
    }
    if (path.trace(this.fn)) {
      interrupts.deliver(this.fn, path.requesterId, address, data);
      return;
    }
    const { why, bridge } = path;
    if (why !== undefined) observer.interruptHeldBack(this.fn, index, why, 1);
    if (bridge === undefined) return;
    memoryRequestHeader(this.#header, path.requesterId, address, 4, true);
    errors.closedBridge(bridge, this.fn, this.#header, false, 1);
  }

  snapshot(): FunctionInterruptsState {
    const pin = this.pin.snapshot();
    return this.msiX === undefined ? { pin } : { pin, msiX: this.msiX.table.snapshot() };
  }

  restore(state: FunctionInterruptsState): void {
    this.pin.suppressed = this.#usesMessages;
    this.pin.restore(state.pin);
    if (state.msiX !== undefined) this.msiX?.table.restore(state.msiX);
  }

  hashInto(hash: RunningHash): void {
    this.pin.hashInto(hash);
    this.msiX?.table.hashInto(hash);
  }
}
