import type { Address, RegisterFile } from '@quiesce/simulation';
import { AmdControl, AmdStatus, amdRegister } from '../registers/iommu-registers.ts';
import { ringAddress, ringBytes } from '../registers/ring.ts';
import type { TableAccess } from '../unit/table-access.ts';
import { type AmdEventEntry, EVENT_BYTES, eventEntry } from './event-entry.ts';

/** Told of every event, logged or lost. */
export type AmdEventSink = (event: AmdEventEntry) => void;

/** The event log: a ring in memory that the unit fills and software empties (48882, 2.5). */
export class EventLog {
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #sink: AmdEventSink | undefined;
  readonly #interrupt: (() => void) | undefined;

  constructor(
    registers: RegisterFile,
    access: TableAccess,
    sink: AmdEventSink | undefined,
    interrupt: (() => void) | undefined,
  ) {
    this.#registers = registers;
    this.#access = access;
    this.#sink = sink;
    this.#interrupt = interrupt;
  }

  /** EventLogRun */
  get running(): boolean {
    return (this.#registers.peek32(amdRegister.status) & AmdStatus.eventLogRunning) !== 0;
  }

  /** Starts or stops with EventLogEn; a log that has overflowed starts again when it is switched off and on. */
  setRunning(on: boolean): void {
    this.#setStatus(AmdStatus.eventLogRunning, on);
  }

  record(code: number, requesterId: number, domainId: number, flags: number, address: Address): void {
    if (this.#sink !== undefined) this.#sink({ code, requesterId, domainId, flags, address });
    if (!this.running) return;
    const registers = this.#registers;
    const bytes = ringBytes(registers.peek32(amdRegister.eventLog + 4));
    const tail = registers.peek32(amdRegister.eventTail) % bytes;
    const next = (tail + EVENT_BYTES) % bytes;
    if (next === registers.peek32(amdRegister.eventHead) % bytes) {
      this.#setStatus(AmdStatus.eventOverflow, true);
      this.setRunning(false);
      this.#raise();
      return;
    }
    const at = ringAddress(registers, amdRegister.eventLog) + tail;
    if (this.#access.fails(at)) return;
    const words = eventEntry({ code, requesterId, domainId, flags, address });
    for (let i = EVENT_BYTES / 4 - 1; i >= 0; i--) {
      this.#access.memory.write32(at + 4 * i, words[i] as number, this.#access.writer);
    }
    registers.poke32(amdRegister.eventTail, next);
    this.#setStatus(AmdStatus.eventLogInterrupt, true);
    this.#raise();
  }

  #raise(): void {
    if ((this.#registers.peek32(amdRegister.control) & AmdControl.eventInterrupt) !== 0) this.#interrupt?.();
  }

  #setStatus(bit: number, on: boolean): void {
    const status = this.#registers.peek32(amdRegister.status);
    this.#registers.poke32(amdRegister.status, on ? status | bit : status & ~bit);
  }
}
