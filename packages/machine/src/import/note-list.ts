import type { ImportNote } from '../description/machine.ts';

/** Notes of one import, bounded: of a hostile file's millions the first ones are kept and the rest counted. */
export class NoteList {
  readonly #file: string;
  readonly #notes: ImportNote[] = [];
  #suppressed = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Place may name another file than the list's own. */
  add(
    message: string,
    place: { readonly file?: string; readonly line?: number; readonly offset?: number } = {},
  ): void {
    if (this.#notes.length < 500) this.#notes.push({ file: this.#file, ...place, message });
    else this.#suppressed++;
  }

  all(): ImportNote[] {
    if (this.#suppressed === 0) return [...this.#notes];
    return [...this.#notes, { file: this.#file, message: `${this.#suppressed} further notes are not shown` }];
  }
}
