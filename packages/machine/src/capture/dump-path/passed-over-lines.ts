import type { ImportNote } from '../../description/machine.ts';

/** Lines that a reader of a file could not use: the first of each file, and how many there are. */
export class PassedOverLines {
  readonly #what: string;
  readonly #first = new Map<string, { readonly line: number; count: number }>();

  /** @param what the lines are not, e.g. `a mount` */
  constructor(what: string) {
    this.#what = what;
  }

  add(file: string, line: number): void {
    const known = this.#first.get(file);
    if (known === undefined) this.#first.set(file, { line, count: 1 });
    else known.count++;
  }

  notes(): ImportNote[] {
    return [...this.#first].slice(0, 100).map(([file, { line, count }]) => ({
      file,
      line,
      message:
        count === 1
          ? `this is not read as ${this.#what}`
          : `${count} lines are not read as ${this.#what}, this one the first`,
    }));
  }
}
