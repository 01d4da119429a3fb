import { registerOffset } from '@quiesce/vtd-iommu';
import type { Invalidation } from './invalidation.ts';
import { requesterId } from './model-driver.ts';
import type { Operation } from './operation.ts';
import { IOTLB, IVA, QUEUE } from './reset-steps.ts';
import type { Step } from './scenario.ts';

/** Where wait descriptors write their status. */
const STATUS = QUEUE + 0x1000;
const IGNORED = [0, 4, 6, 7] as const;
/** CAP.MAMV of the units. */
const LARGEST_MASK = 18;

/** Invalidates as software does: through registers, or with descriptors and a wait behind each. */
export class InvalidationWriter {
  readonly #steps: Step[];
  readonly #queued: boolean;
  /** Bytes of a descriptor. */
  readonly #bytes: number;
  #tail = 0;
  #waits = 0;
  /** A descriptor was wrong: the queue stands still until software clears the error, which no scenario does. */
  #frozen = false;

  constructor(steps: Step[], queued: boolean, wide: boolean) {
    this.#steps = steps;
    this.#queued = queued;
    this.#bytes = wide ? 32 : 16;
  }

  /** Before GCMD.QIE. */
  start(): void {
    this.#register(registerOffset.IQA, QUEUE + (this.#bytes === 32 ? 0x800 : 0));
    this.#register(registerOffset.IQT, 0);
  }

  add(operation: Operation & { kind: 'invalidate-contexts' | 'invalidate-pasids' }): void {
    const { scope, domain } = operation;
    if (operation.kind === 'invalidate-pasids') {
      // Only by descriptor: 0 all of a domain, 3 all.
      if (!this.#queued || this.#bytes === 16) return;
      const all = scope === 1;
      this.#descriptor(
        [7 | ((all ? 3 : 0) << 4) | (domain << 16), 0, 0, 0],
        [all ? { of: 'pasids' } : { of: 'pasids', domain }],
      );
      return;
    }
    const id = requesterId(operation.requester);
    const done: Invalidation[] =
      scope === 1
        ? [{ of: 'contexts' }]
        : scope === 2
          ? [{ of: 'contexts', domain }]
          : scope === 3
            ? [
                {
                  of: 'contexts',
                  domain,
                  requesterId: id,
                  ignored: IGNORED[operation.mask as 0 | 1 | 2 | 3],
                },
              ]
            : [];
    if (this.#queued) {
      this.#descriptor([(1 | (scope << 4) | (domain << 16)) >>> 0, id | (operation.mask << 16), 0, 0], done);
      return;
    }
    this.#register(registerOffset.CCMD, ((id << 16) | domain) >>> 0);
    this.#register(registerOffset.CCMD + 4, (0x8000_0000 | (scope << 29) | operation.mask) >>> 0, done);
    this.#steps.push({ do: 'read', offset: registerOffset.CCMD + 4 });
  }

  pages(operation: Operation & { kind: 'invalidate-translations' }, address: number): void {
    const { scope, domain, addressMask } = operation;
    const bytes = 2 ** (12 + addressMask);
    const start = Math.floor(address / bytes) * bytes;
    const low = (((address & 0xffff_f000) >>> 0) + addressMask) >>> 0;
    const high = Math.floor(address / 0x1_0000_0000);
    const done: Invalidation[] =
      scope === 1
        ? [{ of: 'translations' }]
        : scope === 2
          ? [{ of: 'translations', domain }]
          : scope === 3 && addressMask <= LARGEST_MASK
            ? [{ of: 'translations', domain, address: start, bytes }]
            : [];
    if (this.#queued) {
      const page = scope === 3;
      this.#descriptor([(2 | (scope << 4) | (domain << 16)) >>> 0, 0, page ? low : 0, page ? high : 0], done);
      return;
    }
    this.#register(IVA, low);
    this.#register(IVA + 4, high);
    this.#register(IOTLB + 4, (0x8000_0000 | (scope << 28) | domain) >>> 0, done);
    this.#steps.push({ do: 'read', offset: IOTLB + 4 });
  }

  bad(word0: number): void {
    if (this.#queued) this.#descriptor([word0, 0, 0, 0], []);
  }

  #register(offset: number, value: number, invalidates?: readonly Invalidation[]): void {
    const effective = invalidates !== undefined && invalidates.length > 0 ? { invalidates } : {};
    this.#steps.push({ do: 'register', offset, value, ...effective });
  }

  #descriptor(words: readonly number[], done: readonly Invalidation[]): void {
    const wide = this.#bytes === 32 ? [0, 0, 0, 0] : [];
    const wait = [0x25, ++this.#waits, STATUS, 0];
    const both = [...words, ...wide, ...wait, ...wide].map((word) => word >>> 0);
    this.#steps.push({ do: 'memory', address: QUEUE + this.#tail, words: both });
    this.#tail += 2 * this.#bytes;
    // What is empty is not one that a unit knows: whatever comes behind it stays undone.
    if (done.length === 0) this.#frozen = true;
    this.#register(registerOffset.IQT, this.#tail, this.#frozen ? [] : done);
    this.#steps.push({ do: 'look', address: STATUS }, { do: 'read', offset: registerOffset.IQH });
    this.#steps.push({ do: 'read', offset: registerOffset.FSTS });
  }
}
