import { assert } from '@quiesce/simulation';

/**
 * How a kernel looks for a free vector:
 * - `stride` (Linux up to 4.14, `__assign_irq_vector`): every sixteenth from 0x41 on, so that classes fill evenly; one
 *   space for all processors; the vectors of the ISA interrupts stay theirs;
 * - `matrix` (Linux 4.15 on, `irq_matrix_alloc`): the lowest free one of the processor that has most left; ISA vectors
 *   are given out as soon as the I/O APIC has taken their interrupts over.
 */
export type VectorSearch = 'stride' | 'matrix';

/** Vector of ISA interrupt 0, the timer: `ISA_IRQ_VECTOR(0)`. */
export const TIMER_VECTOR = 0x30;
const ISA_VECTORS = 16;
const CASCADE_VECTOR = TIMER_VECTOR + 2;
const SYSCALL_VECTOR = 0x80;
const FIRST_EXTERNAL_VECTOR = 0x20;
const FIRST_DEVICE_VECTOR = FIRST_EXTERNAL_VECTOR + 1;
const LAST_VECTOR = 0xeb;
const STRIDE = 16;

/** Whether the kernel's table has the 8259A's interrupt at this vector while no I/O APIC is set up. */
export function isIsaVector(vector: number): boolean {
  return vector >= TIMER_VECTOR && vector < TIMER_VECTOR + ISA_VECTORS;
}

/** A vector of a processor. */
export interface Vector {
  readonly vector: number;
  /** APIC ID. */
  readonly destination: number;
}

/** The vectors that a kernel can give to devices. */
export class VectorSpace {
  readonly #search: VectorSearch;
  readonly #processors: readonly number[];
  readonly #used: Set<number>[];
  /** The last one given out, where the search goes on from it. */
  #last = FIRST_DEVICE_VECTOR;
  #given = 0;

  /** `processors`: their APIC IDs, the one that boots first. */
  constructor(search: VectorSearch, processors: readonly number[]) {
    assert(processors.length > 0, 'a kernel runs on a processor');
    this.#search = search;
    this.#processors = processors;
    this.#used = processors.map(() => new Set<number>());
  }

  /** A vector of its own; when all are given out they are shared. */
  allocate(): Vector {
    const found = this.#search === 'matrix' ? this.#lowest() : this.#next();
    this.#given++;
    return found;
  }

  #lowest(): Vector {
    let at = 0;
    for (let i = 1; i < this.#used.length; i++) {
      if ((this.#used[i] as Set<number>).size < (this.#used[at] as Set<number>).size) at = i;
    }
    const used = this.#used[at] as Set<number>;
    let vector = FIRST_DEVICE_VECTOR;
    while (used.has(vector) || isReserved(vector)) vector++;
    if (vector > LAST_VECTOR) {
      used.clear();
      return this.#lowest();
    }
    used.add(vector);
    return { vector, destination: this.#processors[at] as number };
  }

  #next(): Vector {
    const used = this.#used[0] as Set<number>;
    let vector = this.#last;
    for (let tries = 0; tries < 256; tries++) {
      vector += STRIDE;
      if (vector > LAST_VECTOR) vector = FIRST_EXTERNAL_VECTOR + ((vector + 1) % STRIDE);
      if (
        vector > FIRST_EXTERNAL_VECTOR &&
        !isIsaVector(vector) &&
        vector !== SYSCALL_VECTOR &&
        !used.has(vector)
      )
        break;
    }
    if (used.has(vector)) used.clear();
    used.add(vector);
    this.#last = vector;
    // Affinities are spread by a daemon, evenly.
    return { vector, destination: this.#processors[this.#given % this.#processors.length] as number };
  }
}

function isReserved(vector: number): boolean {
  return vector === TIMER_VECTOR || vector === CASCADE_VECTOR || vector === SYSCALL_VECTOR;
}
