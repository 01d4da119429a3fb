import type { TraceEvent, TraceLog } from '@quiesce/qemu-control';

/** `vtd_dmar_fault sid 0x100 fault 5 addr 0xffffc000 write 1` */
const FAULT = /^sid (0x[0-9a-f]+) fault (\d+) addr (0x[0-9a-f]+) write (\d)/;
const FIRST_ROOM = 4096;

/** Translations that QEMU's unit has refused, in the order in which it wrote them down. */
export class FaultLog {
  #at = new Float64Array(FIRST_ROOM);
  /** Requester ID and reason: `requester << 8 | reason`. */
  #what = new Uint32Array(FIRST_ROOM);
  #count = 0;

  constructor(trace: TraceLog) {
    trace.onEvent((event) => this.#take(event));
  }

  get count(): number {
    return this.#count;
  }

  /** Calls back for each fault: host's clock in milliseconds, requester ID, reason. */
  forEach(visit: (at: number, requesterId: number, reason: number) => void): void {
    for (let i = 0; i < this.#count; i++) {
      const what = this.#what[i] as number;
      visit(this.#at[i] as number, what >>> 8, what & 0xff);
    }
  }

  /** @param at host's clock, milliseconds */
  add(at: number, requesterId: number, reason: number): void {
    if (this.#count === this.#at.length) this.#grow();
    this.#at[this.#count] = at;
    this.#what[this.#count++] = (requesterId << 8) | reason;
  }

  #take({ name, at, text }: TraceEvent): void {
    if (name !== 'vtd_dmar_fault') return;
    const match = FAULT.exec(text);
    if (match === null) return;
    this.add(at, Number(match[1]) & 0xffff, Number(match[2]) & 0xff);
  }

  #grow(): void {
    const at = new Float64Array(this.#at.length * 2);
    at.set(this.#at);
    this.#at = at;
    const what = new Uint32Array(this.#what.length * 2);
    what.set(this.#what);
    this.#what = what;
  }
}
