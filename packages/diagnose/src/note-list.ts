import type { Diagnosis } from './diagnosis.ts';

type Note = Diagnosis['notes'][number];

const MAX_NOTES = 300;

/** Notes of a log, bounded: the first ones are kept and the rest counted. */
export class NoteList {
  readonly #notes: Note[] = [];
  #more = 0;

  add(line: number, message: string): void {
    if (this.#notes.length < MAX_NOTES) this.#notes.push({ line, message });
    else this.#more++;
  }

  /** In order of lines; `lastLine` is where the count of what is not shown stands. */
  finish(lastLine: number): readonly Note[] {
    const notes = [...this.#notes].sort((one, other) => one.line - other.line);
    return this.#more === 0
      ? notes
      : [...notes, { line: lastLine, message: `${this.#more} further notes are not shown` }];
  }
}
