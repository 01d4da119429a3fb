import { registerOffset } from '@quiesce/vtd-iommu';
import type { DmaDeviation, DmaDifference } from './dma-deviations.ts';
import { faultStatus, recordedFault, requestView } from './fault-view.ts';
import { type InterruptDeviation, interruptDeviations } from './interrupt-deviations.ts';
import { requesterId } from './model-driver.ts';
import { type Allowed, Possibilities } from './possibilities.ts';
import { MEMORY, type RegisterDeviation, registerDeviations } from './register-deviations.ts';
import type { Observation, OwnMessage, Scenario, Step } from './scenario.ts';
import { leafOf } from './table-chain.ts';
import type { UnitDescription } from './unit-description.ts';

/** Reasons of faults that a full log hides; 0 none. */
const unseenReasons = [0, 0x03, 0x05, 0x06, 0x07, 0x0b, 0x0e, 0x58, 0x87] as const;
const OVERFLOW = 0x1;
const PENDING = 0x2;

/** Counts by name. */
export type Tally = Map<string, number>;

/** Compares what two drivers saw, step by step, and says what is neither equal, allowed nor listed. */
export class Judge {
  /** Deviations met, by id. */
  readonly deviations: Tally = new Map();
  /** What the steps came to. */
  readonly tally: Tally = new Map();
  readonly #possible: Possibilities;
  readonly #dma: readonly DmaDeviation[];
  #scenario: Scenario = [];
  /** The logs are not alike any more: until they are cleared only the way of a request is compared. */
  #apart = false;
  /** Nothing is in either log. */
  #empty = true;

  constructor(description: UnitDescription, dma: readonly DmaDeviation[]) {
    this.#possible = new Possibilities(description);
    this.#dma = dma;
  }

  /** @returns the first disagreement in one line, or undefined */
  compare(
    scenario: Scenario,
    model: readonly Observation[],
    qemu: readonly Observation[],
  ): string | undefined {
    this.#possible.reset();
    this.#scenario = scenario;
    this.#apart = false;
    this.#empty = true;
    for (const [index, step] of scenario.entries()) {
      const problem = this.#step(step, model[index] as Observation, qemu[index] as Observation, index);
      if (problem !== undefined) return `step ${index} ${JSON.stringify(step)}: ${problem}`;
    }
    return undefined;
  }

  #step(step: Step, model: Observation, qemu: Observation, index: number): string | undefined {
    switch (step.do) {
      case 'memory':
      case 'register':
        this.#possible.take(step);
        return undefined;
      case 'read':
      case 'look':
        return this.#value(step, model.value as number, qemu.value as number, index);
      case 'messages':
        return this.#messages(model.messages ?? [], qemu.messages ?? [], index);
      case 'dma':
        return this.#request(step, model, qemu);
      case 'interrupt':
        return this.#message(step, model, qemu);
    }
  }

  #value(
    step: Step & { do: 'read' | 'look' },
    ours: number,
    theirs: number,
    index: number,
  ): string | undefined {
    this.#count(step.do === 'read' ? 'register read' : 'memory read');
    if (ours === theirs) return undefined;
    let difference = (ours ^ theirs) >>> 0;
    // PFO and PPF follow from logs that are known to differ.
    if (this.#apart && step.do === 'read' && step.offset === registerOffset.FSTS) difference &= ~3;
    const offset = step.do === 'read' ? step.offset : MEMORY;
    for (const one of registerDeviations) {
      if (one.offset !== offset || (difference & one.bits) === 0) continue;
      if (!this.#registerExplained(one, ours, theirs, index)) continue;
      difference = (difference & ~one.bits) >>> 0;
      this.#deviates(one.id);
    }
    return difference === 0 ? undefined : `model 0x${ours.toString(16)}, QEMU 0x${theirs.toString(16)}`;
  }

  /** The unit's own messages. Addresses and data differ as far as the registers that hold them do. */
  #messages(ours: readonly OwnMessage[], theirs: readonly OwnMessage[], index: number): string | undefined {
    if (ours.length > 0) this.#count('event sent');
    const text = (all: readonly OwnMessage[]): string =>
      all.map(([address, data]) => `${hex(address % 0x1_0000_0000)}=${hex(data & 0xffff)}`).join();
    if (this.#apart || text(ours) === text(theirs)) return undefined;
    const last = this.#scenario
      .slice(0, index)
      .findLast((step) => step.do === 'register' || step.do === 'dma');
    const unmasked = last?.do === 'register' && last.offset === registerOffset.FECTL;
    if (unmasked && ours.length === 0 && theirs.length === 1) {
      this.#deviates('pending-fault-event-outlives-its-record');
      return undefined;
    }
    return `model sent [${text(ours)}], QEMU [${text(theirs)}]`;
  }

  #registerExplained(one: RegisterDeviation, ours: number, theirs: number, index: number): boolean {
    return one.explains?.({ model: ours, qemu: theirs, before: this.#scenario.slice(0, index) }) ?? true;
  }

  #request(step: Step & { do: 'dma' }, model: Observation, qemu: Observation): string | undefined {
    const allowed = this.#possible.dma(step);
    const problem = this.#empty
      ? this.#onEmptyLog(step, allowed, model, qemu)
      : this.#onFullLog(step, allowed, model, qemu);
    if (step.keep !== true) {
      this.#empty = true;
      this.#apart = false;
    } else if (this.#empty) {
      const one = faultStatus(model.log as readonly number[]);
      const other = faultStatus(qemu.log as readonly number[]);
      this.#empty = one === 0 && other === 0;
    }
    return problem;
  }

  #onEmptyLog(
    step: Step & { do: 'dma' },
    allowed: Allowed,
    model: Observation,
    qemu: Observation,
  ): string | undefined {
    const views = [model, qemu].map((seen) =>
      requestView(seen.target as number, recordedFault(seen.log as readonly number[])),
    );
    const [ours, theirs] = views as [string, string];
    if (!allowed.views.includes(ours))
      return `the model does what nothing allows: ${ours}; ${allowed.views.join(' or ')}`;
    this.#count(nameOf(model));
    if (ours === theirs) {
      if (ours !== allowed.views[0]) this.#count('cached alike');
      return undefined;
    }
    this.#apart = true;
    if (allowed.views.includes(theirs)) {
      this.#count('cached otherwise, as allowed');
      return undefined;
    }
    const explained = this.#explain(step, allowed, qemu, theirs);
    return explained ? undefined : `model ${ours}; QEMU ${theirs}; allowed ${allowed.views.join(' or ')}`;
  }

  #explain(step: Step & { do: 'dma' }, allowed: Allowed, qemu: Observation, view: string): boolean {
    const id = requesterId(step.requester);
    const difference: DmaDifference = {
      step,
      allowed,
      view,
      target: qemu.target as number,
      fault: recordedFault(qemu.log as readonly number[]),
      scalable: this.#possible.scalable,
      lenient: () => this.#possible.lenient(step),
      leaves: (chains) =>
        chains.flatMap((chain) => leafOf(this.#possible.memory, chain, step.address, id) ?? []),
    };
    const found = this.#dma.find((one) => one.explains(difference));
    if (found !== undefined) this.#deviates(found.id);
    return found !== undefined;
  }

  /** A fault is pending: the log shows no further one, at most that it was lost (VT-d 7.2.1). */
  #onFullLog(
    step: Step & { do: 'dma' },
    allowed: Allowed,
    model: Observation,
    qemu: Observation,
  ): string | undefined {
    const ours = model.target as number;
    const theirs = qemu.target as number;
    if (!allowed.targets.includes(ours))
      return `the model reaches ${ours}; allowed ${allowed.targets.join(' or ')}`;
    this.#count('on a full log');
    if (ours !== theirs) {
      this.#apart = true;
      if (allowed.targets.includes(theirs)) return undefined;
      if (this.#explainedUnseen(step, allowed, theirs)) return undefined;
      return `model reaches ${ours}, QEMU ${theirs}; allowed ${allowed.targets.join(' or ')}`;
    }
    if (this.#apart) return undefined;
    const [one, other] = [model, qemu].map((seen) => seen.log as readonly number[]) as [number[], number[]];
    const sameRecord = requestView(0, recordedFault(one)) === requestView(0, recordedFault(other));
    const change = faultStatus(one) ^ faultStatus(other);
    if (sameRecord && change === 0) return undefined;
    this.#apart = true;
    const id = requesterId(step.requester);
    if (sameRecord && change === OVERFLOW && recordedFault(other)?.sourceId === id) {
      if ((faultStatus(one) & (OVERFLOW | PENDING)) === (OVERFLOW | PENDING)) {
        this.#deviates('faults-of-one-source-collapse');
        return undefined;
      }
    }
    if (allowed.views.length > 1) return undefined;
    // Refused by one of them and lost on the way by the other: a difference that a full log does not show as such.
    if (this.#explainedUnseen(step, allowed, theirs)) return undefined;
    return `logs differ: model ${one.map(hex)}, QEMU ${other.map(hex)}`;
  }

  /** A listed deviation in which QEMU faults for any reason, or does not: the full log does not tell. */
  #explainedUnseen(step: Step & { do: 'dma' }, allowed: Allowed, target: number): boolean {
    const address = [(step.address & 0xffff_f000) >>> 0, Math.floor(step.address / 0x1_0000_0000)];
    for (const reason of unseenReasons) {
      const top = (0x8000_0000 | (step.write ? 0 : 0x4000_0000) | reason) >>> 0;
      const log = reason === 0 ? [0, 0, 0, 0, 0] : [0, ...address, requesterId(step.requester), top];
      if (this.#explain(step, allowed, { target, log }, requestView(target, recordedFault(log)))) return true;
    }
    return false;
  }

  #message(step: Step & { do: 'interrupt' }, model: Observation, qemu: Observation): string | undefined {
    const allowed = this.#possible.interrupt(step);
    const [ours, theirs] = [model, qemu].map(({ delivered }) =>
      delivered === null || delivered === undefined ? 'none' : `${delivered[0]}>${delivered[1]}`,
    ) as [string, string];
    this.#apart = false;
    this.#empty = true;
    if (!allowed.includes(ours)) return `the model delivers ${ours}; allowed ${allowed.join(' or ')}`;
    const reason = recordedFault(model.log as readonly number[])?.reason;
    this.#count(
      ours === 'none' ? `interrupt blocked 0x${(reason ?? 0).toString(16)}` : 'interrupt delivered',
    );
    if (reason !== undefined && recordedFault(qemu.log as readonly number[]) === undefined) {
      this.#deviates('interrupt-faults-leave-no-record');
    }
    if (ours === theirs) return undefined;
    if (allowed.includes(theirs)) {
      this.#count('cached otherwise, as allowed');
      return undefined;
    }
    const found = interruptDeviations.find((one: InterruptDeviation) =>
      one.explains({
        step,
        qemu: theirs,
        uncached: allowed[0] as string,
        entry: this.#possible.entry(step),
      }),
    );
    if (found === undefined)
      return `model ${ours} (0x${(reason ?? 0).toString(16)}), QEMU ${theirs}; allowed ${allowed.join(' or ')}`;
    this.#deviates(found.id);
    return undefined;
  }

  #count(name: string): void {
    this.tally.set(name, (this.tally.get(name) ?? 0) + 1);
  }

  #deviates(id: string): void {
    this.deviations.set(id, (this.deviations.get(id) ?? 0) + 1);
  }
}

function nameOf(seen: Observation): string {
  const fault = recordedFault(seen.log as readonly number[]);
  if (fault !== undefined) return `fault 0x${fault.reason.toString(16).padStart(2, '0')}`;
  return (seen.target as number) >= 0 ? 'reached a page' : 'reached no page, no record';
}

function hex(value: number): string {
  return value.toString(16);
}
