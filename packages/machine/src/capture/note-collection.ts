import type { ImportNote } from '../description/machine.ts';

/** Most notes of one capture; each parser bounds its own besides. */
const LIMIT = 5000;

/** Notes about many files, bounded: the first ones are kept and the rest counted. */
export class NoteCollection {
  readonly #notes: ImportNote[] = [];
  #suppressed = 0;

  addAll(notes: readonly ImportNote[]): void {
    const room = LIMIT - this.#notes.length;
    for (const note of notes.slice(0, room)) this.#notes.push(note);
    this.#suppressed += Math.max(0, notes.length - room);
  }

  all(): ImportNote[] {
    if (this.#suppressed === 0) return [...this.#notes];
    return [...this.#notes, { file: 'capture', message: `${this.#suppressed} further notes are not shown` }];
  }
}
