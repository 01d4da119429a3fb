import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const VECTORS = 256;
const WORDS = VECTORS / 32;
/** Vectors below are exceptions: a message that carries one is refused (SDM 3A 11.5.2). */
const FIRST_LEGAL_VECTOR = 16;

/** State of a {@link LocalApic} as plain data. */
export interface LocalApicState {
  readonly requested: readonly number[];
  readonly inService: readonly number[];
  readonly taskPriority: number;
  readonly enabled: boolean;
  readonly spuriousVector: number;
}

/**
 * The local APIC of one processor: what has been asked for, what is being served, and which is let through next
 * (SDM 3A 11.8). A kexec resets nothing of it: the second kernel finds the bits that the first one left.
 */
export class LocalApic implements Snapshottable<LocalApicState> {
  readonly #requested = new Uint32Array(WORDS);
  readonly #inService = new Uint32Array(WORDS);
  #taskPriority = 0;
  /**
   * The enable bit of the spurious interrupt vector register. While it is clear, bits of both registers stay, nothing
   * is let through, and messages that arrive are lost (SDM 3A 11.4.7.2).
   */
  enabled = false;
  /** What the processor is given where a request was taken away under it. */
  spuriousVector = 0xff;

  /** Task priority register: vectors up to the end of its class wait. 0 to 255. */
  get taskPriority(): number {
    return this.#taskPriority;
  }

  set taskPriority(value: number) {
    assert(value >= 0 && value <= 0xff, `the task priority has 8 bits, not ${value}`);
    this.#taskPriority = value;
  }

  /** Processor priority register: the higher of the task priority and the class in service (SDM 3A 11.8.3.1). */
  get processorPriority(): number {
    const served = highest(this.#inService) & 0xf0;
    return served > (this.#taskPriority & 0xf0) ? served : this.#taskPriority;
  }

  /** A fixed interrupt arrives; a vector that is asked for already stays one request. @returns false if it is lost */
  accept(vector: number): boolean {
    if (!this.enabled || vector < FIRST_LEGAL_VECTOR) return false;
    set(this.#requested, vector);
    return true;
  }

  /** The vector that the processor would be given now, -1 if it has to wait or there is none. */
  deliverable(): number {
    if (!this.enabled) return -1;
    const vector = highest(this.#requested);
    return vector >>> 4 > this.processorPriority >>> 4 ? vector : -1;
  }

  /** The processor takes what is deliverable: its request turns into service. */
  acknowledge(): number {
    const vector = this.deliverable();
    if (vector < 0) return this.spuriousVector;
    clear(this.#requested, vector);
    set(this.#inService, vector);
    return vector;
  }

  /** A write to the end-of-interrupt register: ends the highest service, whichever that is. @returns it, or -1 */
  endOfInterrupt(): number {
    const vector = highestOrNone(this.#inService);
    if (vector >= 0) clear(this.#inService, vector);
    return vector;
  }

  isRequested(vector: number): boolean {
    return has(this.#requested, vector);
  }

  isInService(vector: number): boolean {
    return has(this.#inService, vector);
  }

  /** Vectors of the interrupt request register, lowest first. */
  requested(): number[] {
    return vectors(this.#requested);
  }

  /** Vectors of the in-service register, lowest first. */
  inService(): number[] {
    return vectors(this.#inService);
  }

  /** Both registers as Linux prints a bitmap of 256 bits: words from the highest, comma between. */
  format(which: 'requested' | 'in-service'): string {
    const words = which === 'requested' ? this.#requested : this.#inService;
    return [...words]
      .reverse()
      .map((word) => word.toString(16).padStart(8, '0'))
      .join(',');
  }

  snapshot(): LocalApicState {
    return {
      requested: [...this.#requested],
      inService: [...this.#inService],
      taskPriority: this.#taskPriority,
      enabled: this.enabled,
      spuriousVector: this.spuriousVector,
    };
  }

  restore(state: LocalApicState): void {
    this.#requested.set(state.requested);
    this.#inService.set(state.inService);
    this.#taskPriority = state.taskPriority;
    this.enabled = state.enabled;
    this.spuriousVector = state.spuriousVector;
  }

  hashInto(hash: RunningHash): void {
    hash.words(this.#requested);
    hash.words(this.#inService);
    hash.word(this.#taskPriority);
    hash.word(this.enabled ? 1 : 0);
    hash.word(this.spuriousVector);
  }
}

function set(words: Uint32Array, vector: number): void {
  words[vector >>> 5] = (words[vector >>> 5] as number) | (1 << (vector & 31));
}

function clear(words: Uint32Array, vector: number): void {
  words[vector >>> 5] = (words[vector >>> 5] as number) & ~(1 << (vector & 31));
}

function has(words: Uint32Array, vector: number): boolean {
  return ((words[vector >>> 5] as number) & (1 << (vector & 31))) !== 0;
}

function highestOrNone(words: Uint32Array): number {
  for (let index = WORDS - 1; index >= 0; index--) {
    const word = words[index] as number;
    if (word !== 0) return index * 32 + 31 - Math.clz32(word);
  }
  return -1;
}

/** 0 where there is none: class 0 is below every priority. */
function highest(words: Uint32Array): number {
  return Math.max(0, highestOrNone(words));
}

function vectors(words: Uint32Array): number[] {
  const result: number[] = [];
  for (let vector = 0; vector < VECTORS; vector++) if (has(words, vector)) result.push(vector);
  return result;
}
