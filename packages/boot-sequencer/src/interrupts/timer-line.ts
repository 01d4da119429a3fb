import type { AssembledMachine } from '@quiesce/machine';
import {
  type Address,
  type InterruptOutcome,
  type InterruptRequest,
  newInterruptOutcome,
} from '@quiesce/simulation';
import type { DmaIdentity } from '../remapping/kernel-remapping.ts';
import type { Processor } from './processor.ts';
import { TIMER_VECTOR } from './vector-space.ts';

/** An interrupt message as its source sends it. */
interface Message {
  readonly address: Address;
  readonly data: number;
}

/** How the timer's interrupt gets to the processor. */
export type TimerPath = 'io-apic' | 'virtual-wire' | 'external';

/** The 8254 timer on pin 2 of the I/O APIC: a source of interrupt messages like any device, with a requester ID of its own. */
export class TimerLine {
  readonly #processor: Processor;
  readonly #hardware: AssembledMachine;
  readonly #request: InterruptRequest = { segment: 0, requesterId: 0, address: 0, data: 0 };
  readonly #outcome: InterruptOutcome = newInterruptOutcome();
  path: TimerPath = 'io-apic';
  /** What software wrote into the redirection entry. */
  message: Message | undefined;

  constructor(processor: Processor, hardware: AssembledMachine) {
    this.#processor = processor;
    this.#hardware = hardware;
  }

  /** Under which requester ID the I/O APIC sends; undefined where no unit's scope names it. */
  get identity(): DmaIdentity | undefined {
    const source = this.#source;
    if (source === undefined) return undefined;
    return { segment: source.segment, requesterIds: [source.requesterId], name: `IOAPIC id ${source.id}` };
  }

  get #source(): AssembledMachine['interruptSources'][number] | undefined {
    return this.#hardware.interruptSources.find(({ kind }) => kind === 'io-apic');
  }

  /** One tick. */
  tick(): void {
    const processor = this.#processor;
    if (this.path === 'external') processor.receiveExternal(TIMER_VECTOR);
    else if (this.path === 'virtual-wire') processor.receive(TIMER_VECTOR, processor.id, 1);
    else if (this.message !== undefined) this.#send(this.message);
  }

  #send({ address, data }: Message): void {
    const source = this.#source;
    if (source === undefined) {
      this.#processor.receive(data & 0xff, (address >>> 12) & 0xff, 1);
      return;
    }
    const request = this.#request;
    request.segment = source.segment;
    request.requesterId = source.requesterId;
    request.address = address;
    request.data = data;
    const outcome = this.#outcome;
    outcome.delivered = false;
    source.unit.remapInterrupt(request, outcome);
    if (outcome.delivered) this.#processor.receive(outcome.vector, outcome.destination, 1);
  }
}
