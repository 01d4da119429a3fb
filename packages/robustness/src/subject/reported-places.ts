import type { ImportNote } from '@quiesce/machine';

/** Where notes say that something was not used. */
export class ReportedPlaces {
  readonly #lines = new Set<number>();
  /** Notes were cut off: what is missing may be among the rest. */
  readonly isCut: boolean;

  constructor(notes: readonly Pick<ImportNote, 'line' | 'message'>[]) {
    for (const { line } of notes) if (line !== undefined) this.#lines.add(line);
    this.isCut = notes.some(({ message }) => /further notes|are not shown|were passed over/.test(message));
  }

  /** A note names one of these lines. */
  within(first: number, last: number): boolean {
    if (this.isCut) return true;
    for (let line = first; line <= last; line++) if (this.#lines.has(line)) return true;
    return false;
  }
}
