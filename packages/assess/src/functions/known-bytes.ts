import type { Inference } from '@quiesce/machine';

/** How a byte of config space came to be what it is: captured, rebuilt from words, or neither. */
export type ByteOrigin = 'captured' | 'rebuilt' | 'unknown';

interface InferredRange {
  readonly start: number;
  readonly end: number;
  readonly origin: ByteOrigin;
}

const RANGE = /0x([0-9a-f]{1,4})(?:\.\.0x([0-9a-f]{1,4}))?/g;

/** Which bytes of which functions a capture did not have, read off what an import says it inferred. */
export class KnownBytes {
  readonly #ranges = new Map<number, InferredRange[]>();

  constructor(inferred: readonly Inference[]) {
    for (const { path, value, reason } of inferred) {
      const match = /^\/functions\/(\d+)\/config$/.exec(path);
      if (match === null) continue;
      const index = Number(match[1]);
      const origin = reason.startsWith('rebuilt') ? 'rebuilt' : 'unknown';
      const ranges = this.#ranges.get(index) ?? [];
      this.#ranges.set(index, ranges);
      // Values end in ` = 00` where bytes are missing.
      for (const [, start, end] of (value.split(' = ')[0] ?? '').matchAll(RANGE)) {
        ranges.push({
          start: Number.parseInt(start ?? '0', 16),
          end: Number.parseInt(end ?? start ?? '0', 16),
          origin,
        });
      }
    }
  }

  /** Of the byte at `offset` of function `index`. */
  of(index: number, offset: number): ByteOrigin {
    const range = this.#ranges.get(index)?.find(({ start, end }) => offset >= start && offset <= end);
    return range?.origin ?? 'captured';
  }
}
