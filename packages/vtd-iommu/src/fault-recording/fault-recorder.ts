import {
  type Address,
  NO_PASID,
  type RegisterFile,
  type RunningHash,
  type Snapshottable,
} from '@quiesce/simulation';
import type { Capability } from '../registers/capability.ts';
import { registerOffset } from '../registers/register-block.ts';
import { EventMessage, type EventSink } from './event-message.ts';

const PFO = 0x1;
const PPF = 0x2;
/** Every cause of a fault event in FSTS. */
const CAUSES = 0xff;
const FAULT = 0x8000_0000;

/**
 * A blocked request, as its fault recording register would tell it. One object is reused for all faults of a unit:
 * copy what must be kept.
 */
export interface FaultInfo {
  reason: number;
  sourceId: number;
  /** Page address of the request; 0 for interrupt requests. */
  address: Address;
  /** Interrupt requests: index into the table; else -1. */
  index: number;
  read: boolean;
  pasid: number;
  privileged: boolean;
  execute: boolean;
  /** 0 untranslated, 1 translation request, 2 translated. */
  addressType: number;
  /** A page request rather than a memory request. */
  pageRequest: boolean;
  /** False: fault processing is disabled (FPD), or the log was full. */
  recorded: boolean;
}

/** Called for each blocked request. `repeat`: it changed nothing in the unit. */
export type FaultSink = (info: Readonly<FaultInfo>, repeat: boolean) => void;

/**
 * Primary fault logging (VT-d 7.2.1): a ring of fault recording registers, FSTS and the fault event.
 * The specification lets hardware collapse faults of one source while one of them is pending; this unit records each.
 */
export class FaultRecorder implements Snapshottable<number> {
  readonly info: FaultInfo = {
    reason: 0,
    sourceId: 0,
    address: 0,
    index: -1,
    read: false,
    pasid: NO_PASID,
    privileged: false,
    execute: false,
    addressType: 0,
    pageRequest: false,
    recorded: false,
  };
  readonly #registers: RegisterFile;
  readonly #base: number;
  readonly #count: number;
  readonly #event: EventMessage;
  readonly #sink: FaultSink | undefined;
  /** Register that takes the next fault. */
  #next = 0;

  constructor(
    registers: RegisterFile,
    capability: Capability,
    sink: FaultSink | undefined,
    eventSink: EventSink | undefined,
  ) {
    this.#registers = registers;
    this.#base = capability.faultRecordOffset;
    this.#count = capability.faultRecords;
    this.#sink = sink;
    this.#event = new EventMessage(registers, registerOffset.FECTL, eventSink);
    for (let i = 0; i < this.#count; i++) {
      registers.onWrite(this.#base + 16 * i + 12, 32, () => this.#pendingChanged());
    }
  }

  /** A further fault would be lost without a trace: the log has overflowed and software has not cleared it. */
  get saturated(): boolean {
    return (this.#registers.peek32(registerOffset.FSTS) & PFO) !== 0;
  }

  /** Records `info`. `disabled`: an entry on the way says FPD. */
  record(disabled: boolean): void {
    const info = this.info;
    info.recorded = false;
    if (disabled || this.saturated) {
      this.#sink?.(info, true);
      return;
    }
    const at = this.#base + 16 * this.#next;
    if ((this.#registers.peek32(at + 12) & FAULT) !== 0) {
      this.setStatus(PFO);
    } else {
      this.#fill(at);
      info.recorded = true;
      const status = this.#registers.peek32(registerOffset.FSTS);
      // FRI names the first pending record from the moment PPF goes from 0 to 1.
      if ((status & PPF) === 0) this.#registers.poke8(registerOffset.FSTS + 1, this.#next);
      this.#next = (this.#next + 1) % this.#count;
      this.setStatus(PPF);
    }
    this.#sink?.(info, false);
  }

  /** Sets causes in FSTS; the first of them raises the fault event. */
  setStatus(causes: number): void {
    const status = this.#registers.peek32(registerOffset.FSTS);
    this.#registers.poke32(registerOffset.FSTS, (status | causes) >>> 0);
    if ((status & CAUSES) === 0) this.#event.raise();
  }

  /** FSTS.PRO follows PRS.PRO. */
  clearStatus(causes: number): void {
    const status = this.#registers.peek32(registerOffset.FSTS);
    this.#registers.poke32(registerOffset.FSTS, (status & ~causes) >>> 0);
    this.statusWritten();
  }

  /** Software wrote FSTS. */
  statusWritten(): void {
    if ((this.#registers.peek32(registerOffset.FSTS) & CAUSES) === 0) this.#event.withdraw();
  }

  snapshot(): number {
    return this.#next;
  }

  restore(state: number): void {
    this.#next = state;
  }

  hashInto(hash: RunningHash): void {
    hash.word(this.#next);
  }

  #fill(at: number): void {
    const { info } = this;
    const file = this.#registers;
    const interrupt = info.index >= 0;
    const withPasid = info.pasid !== NO_PASID;
    file.poke32(at, interrupt ? 0 : (info.address & 0xffff_f000) >>> 0);
    file.poke32(at + 4, interrupt ? (info.index << 16) >>> 0 : Math.floor(info.address / 0x1_0000_0000));
    file.poke32(
      at + 8,
      (info.sourceId |
        (withPasid ? FAULT : 0) |
        (info.execute ? 1 << 30 : 0) |
        (info.privileged ? 1 << 29 : 0) |
        (info.pageRequest ? 1 << 28 : 0)) >>>
        0,
    );
    file.poke32(
      at + 12,
      (FAULT |
        (info.read && !info.pageRequest ? 1 << 30 : 0) |
        (info.addressType << 28) |
        ((withPasid ? info.pasid : 0) << 8) |
        info.reason) >>>
        0,
    );
  }

  /** PPF is the OR of all F bits. */
  #pendingChanged(): void {
    for (let i = 0; i < this.#count; i++) {
      if ((this.#registers.peek32(this.#base + 16 * i + 12) & FAULT) !== 0) return;
    }
    this.#registers.poke32(registerOffset.FSTS, (this.#registers.peek32(registerOffset.FSTS) & ~PPF) >>> 0);
    this.statusWritten();
  }
}
