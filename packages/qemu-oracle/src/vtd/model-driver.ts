import {
  type DmaRequest,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  type TranslationOutcome,
} from '@quiesce/simulation';
import { registerOffset, VtdUnit } from '@quiesce/vtd-iommu';
import { OracleMemory } from './oracle-memory.ts';
import { requesters } from './requesters.ts';
import { clearLog, FAULT_RECORD, firstSteps, resetSteps } from './reset-steps.ts';
import {
  type Observation,
  type OwnMessage,
  type Scenario,
  type Step,
  targetPages,
  type UnitDriver,
} from './scenario.ts';
import { type UnitDescription, unitOptions } from './unit-description.ts';

/** The model's unit as a driver. */
export class ModelDriver implements UnitDriver {
  readonly #unit: VtdUnit;
  readonly #mode: number;
  #messages: OwnMessage[] = [];
  readonly #memory: OracleMemory = new OracleMemory();
  readonly #request: DmaRequest = newDmaRequest();
  readonly #outcome: TranslationOutcome = newTranslationOutcome();
  readonly #interrupt: InterruptOutcome = newInterruptOutcome();

  constructor(description: UnitDescription) {
    this.#mode = description.mode;
    const send = (address: number, data: number): void => {
      this.#messages.push([address, data]);
    };
    this.#unit = new VtdUnit({
      ...unitOptions(description),
      onFaultEvent: send,
      onInvalidationEvent: send,
      memory: this.#memory,
      accessFails: OracleMemory.absent,
    });
  }

  play(scenario: Scenario): Promise<readonly Observation[]> {
    this.#unit.reset('cold');
    this.#memory.clear();
    for (const step of [...firstSteps(this.#mode), ...resetSteps([], this.#mode)]) this.#take(step);
    this.#messages = [];
    return Promise.resolve(scenario.map((step) => this.#take(step)));
  }

  #take(step: Step): Observation {
    switch (step.do) {
      case 'memory':
        for (const [i, word] of step.words.entries()) this.#memory.write32(step.address + 4 * i, word);
        return {};
      case 'register':
        this.#unit.writeRegister32(step.offset, step.value);
        return {};
      case 'read':
        return { value: this.#unit.readRegister32(step.offset) };
      case 'look':
        return { value: this.#memory.read32(step.address) };
      case 'messages': {
        const messages = this.#messages;
        this.#messages = [];
        return { messages };
      }
      case 'dma': {
        const target = this.#dma(step.requester, step.write, step.address);
        const log = this.#log();
        if (step.keep !== true) for (const clear of clearLog) this.#take(clear);
        return { target, log };
      }
      case 'interrupt': {
        this.#unit.remapInterrupt(
          { segment: 0, requesterId: requesterId(step.requester), address: step.address, data: step.data },
          this.#interrupt,
        );
        const { delivered, vector, destination } = this.#interrupt;
        const log = this.#log();
        for (const clear of clearLog) this.#take(clear);
        return { delivered: delivered ? [vector, destination] : null, log };
      }
    }
  }

  #dma(requester: number, write: boolean, address: number): number {
    const request = this.#request;
    request.requesterId = requesterId(requester);
    request.write = write;
    request.address = address;
    request.length = 4;
    this.#unit.translate(request, this.#outcome);
    if (!this.#outcome.allowed) return -1;
    const reached = this.#outcome.address;
    return targetPages.indexOf(reached - (reached % 4096));
  }

  #log(): number[] {
    const offsets = [registerOffset.FSTS, ...[0, 4, 8, 12].map((word) => FAULT_RECORD + word)];
    return offsets.map((offset) => this.#unit.readRegister32(offset));
  }
}

/** Requester ID of an entry of `requesters`. */
export function requesterId(index: number): number {
  return requesters[index]?.requesterId ?? 0;
}
