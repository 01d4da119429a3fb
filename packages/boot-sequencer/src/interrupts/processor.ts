import { LocalApic } from './local-apic.ts';

/** What runs on a processor, as far as interrupts are concerned. */
export interface InterruptEntry {
  /** An interrupt was taken, with further ones off. Whether the local APIC is told of its end is up to the handler. */
  take(vector: number): void;
  /** One for another processor. Left out where none runs: nobody accepts it. */
  takeElsewhere?(destination: number, vector: number, repeat: number): void;
}

const nobody: InterruptEntry = { take: () => {} };

/** The processor on which the kernel crashes and the next one boots, with its local APIC. The others only get counted. */
export class Processor {
  /** APIC ID. */
  readonly id: number;
  readonly apic: LocalApic = new LocalApic();
  /** Messages that no local APIC accepted: their processor is gone, or its local APIC is off. */
  receiveAcceptErrors = 0;
  /** Interrupts that the second kernel took on vectors that nobody of it has. */
  stray = 0;
  #entry: InterruptEntry = nobody;
  #interruptsEnabled = false;
  #dispatching = false;

  constructor(id: number) {
    this.id = id;
  }

  /** Another kernel runs from now on. */
  runs(entry: InterruptEntry): void {
    this.#entry = entry;
  }

  /** The interrupt flag. */
  get interruptsEnabled(): boolean {
    return this.#interruptsEnabled;
  }

  /** `local_irq_enable`: what is pending is taken at once. */
  enableInterrupts(): void {
    this.#interruptsEnabled = true;
    this.dispatch();
  }

  /** `local_irq_disable` */
  disableInterrupts(): void {
    this.#interruptsEnabled = false;
  }

  /** A fixed interrupt for the processor of that APIC ID. `repeat` equal ones, one after the other. */
  receive(vector: number, destination: number, repeat: number): void {
    if (destination !== this.id) {
      if (this.#entry.takeElsewhere === undefined) this.receiveAcceptErrors += repeat;
      else this.#entry.takeElsewhere(destination, vector, repeat);
      return;
    }
    for (let i = 0; i < repeat; i++) {
      // Asked for already: what remains of the repeats adds nothing.
      if (this.apic.isRequested(vector) && this.apic.enabled) return;
      if (!this.apic.accept(vector)) {
        this.receiveAcceptErrors += repeat - i;
        return;
      }
      this.dispatch();
    }
  }

  /** The 8259A's own interrupt through LINT0: no priority, no service in the local APIC (SDM 3A 11.5.1). */
  receiveExternal(vector: number): void {
    if (!this.apic.enabled || !this.#interruptsEnabled || this.#dispatching) return;
    this.#entry.take(vector);
  }

  /** Takes what the local APIC lets through, one after the other. */
  dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.#interruptsEnabled && this.apic.deliverable() >= 0)
        this.#entry.take(this.apic.acknowledge());
    } finally {
      this.#dispatching = false;
    }
  }
}
