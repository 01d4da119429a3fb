import type { RegisterFile } from '@quiesce/simulation';
import { GlobalError, type GlobalErrors } from '../events/global-errors.ts';
import { registerOffset } from '../registers/register-block.ts';
import { EVENT_RECORD_BYTES } from '../tables/event-record.ts';
import type { TableAccess } from '../walk/table-access.ts';
import { isFull, position, queueAddress, queueLog2 } from './queue-indexes.ts';

const OVERFLOW = 0x8000_0000;
const EVENTQEN = 4;
const INTERRUPT_ENABLE = 4;

/** Writes events into the event queue; what finds no room is lost and OVFLG says so (SMMUv3 7.4). */
export class EventQueue {
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #errors: GlobalErrors;
  readonly #largest: number;
  readonly #onInterrupt: () => void;

  constructor(
    registers: RegisterFile,
    access: TableAccess,
    errors: GlobalErrors,
    largest: number,
    onInterrupt: () => void,
  ) {
    this.#registers = registers;
    this.#access = access;
    this.#errors = errors;
    this.#largest = largest;
    this.#onInterrupt = onInterrupt;
  }

  /** A further event would change nothing: the queue is off, or full and that is known. */
  get saturated(): boolean {
    const registers = this.#registers;
    if (!this.#enabled) return true;
    const prod = registers.peek32(registerOffset.EVENTQ_PROD);
    const cons = registers.peek32(registerOffset.EVENTQ_CONS);
    return isFull(prod, cons, this.#log2) && ((prod ^ cons) & OVERFLOW) !== 0;
  }

  /** Eight dwords. */
  record(words: Uint32Array): void {
    if (!this.#enabled) return;
    const registers = this.#registers;
    const { memory, accessFails, addressLimit, writer } = this.#access;
    const prod = registers.peek32(registerOffset.EVENTQ_PROD);
    const cons = registers.peek32(registerOffset.EVENTQ_CONS);
    const log2 = this.#log2;
    if (isFull(prod, cons, log2)) {
      if (((prod ^ cons) & OVERFLOW) === 0) registers.poke32(registerOffset.EVENTQ_PROD, prod ^ OVERFLOW);
      return;
    }
    const index = position(prod, log2) % 2 ** log2;
    const at = queueAddress(registers, registerOffset.EVENTQ_BASE) + index * EVENT_RECORD_BYTES;
    if (at >= addressLimit || accessFails(at)) {
      this.#errors.raise(GlobalError.eventQueueAbort);
      return;
    }
    for (let i = 0; i < words.length; i++) memory.write32(at + 4 * i, words[i] as number, writer);
    const next = (prod & OVERFLOW) | ((position(prod, log2) + 1) & (2 ** (log2 + 1) - 1));
    registers.poke32(registerOffset.EVENTQ_PROD, next);
    if ((registers.peek32(registerOffset.IRQ_CTRL) & INTERRUPT_ENABLE) !== 0) this.#onInterrupt();
  }

  get #enabled(): boolean {
    return (this.#registers.peek32(registerOffset.CR0ACK) & EVENTQEN) !== 0;
  }

  get #log2(): number {
    return queueLog2(this.#registers, registerOffset.EVENTQ_BASE, this.#largest);
  }
}
