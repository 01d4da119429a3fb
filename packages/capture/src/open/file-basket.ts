import type { CapturedFile, ImportNote } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { OpenLimits } from './open-limits.ts';

/** Files on their way out, bounded, with notes of what was left behind. */
export class FileBasket {
  readonly files: CapturedFile[] = [];
  readonly limits: OpenLimits;
  readonly #notes: ImportNote[] = [];
  readonly #passedOver = new Map<string, Map<string, number>>();
  #bytes = 0;
  #entries = 0;
  #unlistedNotes = 0;

  constructor(limits: OpenLimits) {
    this.limits = limits;
  }

  /** @throws UserError `CAPTURE_TOO_LARGE` if there are too many files or bytes */
  add(file: CapturedFile): void {
    this.#bytes += file.content.length;
    if (this.files.length >= this.limits.files || this.#bytes > this.limits.totalBytes) {
      const { files, totalBytes } = this.limits;
      throw new UserError('CAPTURE_TOO_LARGE', 'this is more than a capture of one machine', {
        expected: `at most ${files} files and ${totalBytes / 2 ** 20} MiB`,
        place: { file: file.path },
      });
    }
    this.files.push(file);
  }

  /** How much was taken, looked at or said so far. */
  get seen(): number {
    return this.files.length + this.#notes.length + this.#unlistedNotes + this.#entries;
  }

  /**
   * Counts a file or a folder that is looked at.
   * @throws UserError `CAPTURE_TOO_LARGE`
   */
  countEntry(source: string): void {
    if (++this.#entries <= this.limits.entries) return;
    throw new UserError('CAPTURE_TOO_LARGE', `has more than ${this.limits.entries} entries`, {
      expected: 'the report of one machine',
      place: { file: source },
    });
  }

  note(file: string, message: string, offset?: number): void {
    if (this.#notes.length < 200)
      this.#notes.push({ file, message, ...(offset === undefined ? {} : { offset }) });
    else this.#unlistedNotes++;
  }

  /** Counts a file of `source` that is left behind; all of one reason become one note. */
  passOver(source: string, reason: string): void {
    const reasons = this.#passedOver.get(source) ?? new Map<string, number>();
    this.#passedOver.set(source, reasons);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }

  notes(): ImportNote[] {
    const counted = [...this.#passedOver].flatMap(([file, reasons]) =>
      [...reasons].map(([reason, count]) => ({
        file,
        message: `${count} ${count === 1 ? 'file was' : 'files were'} passed over: ${reason}`,
      })),
    );
    if (this.#unlistedNotes === 0) return [...this.#notes, ...counted];
    const rest = {
      file: this.files[0]?.path ?? '',
      message: `${this.#unlistedNotes} further notes are not shown`,
    };
    return [...this.#notes, ...counted, rest];
  }
}
