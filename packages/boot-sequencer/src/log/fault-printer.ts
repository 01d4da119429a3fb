import type { FaultLineShape } from '../profile/kernel-profile.ts';
import type { HandledFault } from '../remapping/kernel-remapping.ts';
import { faultLine, statusLine } from './fault-lines.ts';
import { RateLimit } from './rate-limit.ts';

/** Prints what the fault handler took, as far as the rate limit lets it. */
export class FaultPrinter {
  readonly #shape: FaultLineShape;
  readonly #log: (line: string) => void;
  readonly #clock: { readonly now: number };
  readonly #limit: RateLimit;

  /** `burst` fault lines are printed in five seconds, the rest is counted. */
  constructor(
    shape: FaultLineShape,
    clock: { readonly now: number },
    log: (line: string) => void,
    burst = 10,
  ) {
    this.#shape = shape;
    this.#clock = clock;
    this.#log = log;
    this.#limit = new RateLimit(burst);
  }

  /** Prints a line of a driver that words its own faults, as far as the rate limit lets it; `by` counts what it does not. */
  line(text: string, by: string): void {
    const report = (count: number): void => this.#log(`${by}: ${count} callbacks suppressed`);
    if (this.#limit.allows(this.#clock.now, report)) this.#log(text);
  }

  /** `status` is the fault status register as the handler found it. */
  print(status: number, faults: readonly HandledFault[]): void {
    let begun = false;
    for (const fault of faults) {
      const allowed = this.#limit.allows(this.#clock.now, (count) =>
        this.#log(`dmar_fault: ${count} callbacks suppressed`),
      );
      if (!allowed) continue;
      if (!begun) this.#log(statusLine(this.#shape, status));
      begun = true;
      this.#log(faultLine(this.#shape, fault));
    }
  }

  /** Events of an SMMU, several lines each (arm_smmu_evtq_thread). */
  printEvents(events: readonly (readonly string[])[]): void {
    for (const lines of events) {
      const allowed = this.#limit.allows(this.#clock.now, (count) =>
        this.#log(`arm_smmu_evtq_thread: ${count} callbacks suppressed`),
      );
      if (!allowed) continue;
      for (const line of lines) this.#log(line);
    }
  }
}
