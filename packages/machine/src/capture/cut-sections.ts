import type { ImportNote } from '../description/machine.ts';
import { eachLine } from '../import/input-limits.ts';
import { NoteList } from '../import/note-list.ts';
import type { SourceKind } from './imported-capture.ts';
import { kindOfLine } from './kind-of-line.ts';
import { isSectionRule, type SectionHeading, sectionHeading } from './section-heading.ts';

/** A piece of a text file that is of one kind. */
export interface TextSection {
  readonly kind: SourceKind;
  /** Line of the file, from 1, that is the first of `text`. */
  readonly line: number;
  /** Lines of the file that belong to other sections stand in it as empty ones, so that counting goes on. */
  readonly text: string;
  /** The section's heading, if it has one. */
  readonly title?: string;
  /** Path on the machine of the file that the section holds. */
  readonly path?: string;
}

/** Sections beyond this are not read. Reports have about a hundred. */
const MAX_SECTIONS = 1000;

/**
 * Cuts a text into sections: at headings of reports and at commands, and within these by what lines are beyond doubt. A line
 * that could be anything belongs to what stands before it.
 * @param kind of lines at the beginning that could be anything
 */
export function cutSections(
  text: string,
  file: string,
  kind?: SourceKind,
): { readonly sections: readonly TextSection[]; readonly notes: readonly ImportNote[] } {
  const cutter = new SectionCutter(file, kind);
  eachLine(text, (line, number) => cutter.line(line, number));
  const whole = cutter.whole;
  // The text as it is need not be put together again.
  return whole === undefined ? cutter.finish() : { sections: [{ kind: whole, line: 1, text }], notes: [] };
}

/** Lines of one kind below one heading. */
class Strand {
  readonly kind: SourceKind;
  readonly first: number;
  readonly #heading: SectionHeading | undefined;
  readonly #lines: string[] = [];
  #next: number;
  #count = 0;

  constructor(kind: SourceKind, first: number, heading: SectionHeading | undefined) {
    this.kind = kind;
    this.first = first;
    this.#next = first;
    this.#heading = heading;
  }

  /** Lines that belong to it. */
  get count(): number {
    return this.#count;
  }

  add(line: string, number: number): void {
    this.#count++;
    if (number > this.#next) this.#lines.push('\n'.repeat(number - this.#next - 1));
    this.#lines.push(line);
    this.#next = number + 1;
  }

  section(): TextSection {
    const { title, path } = this.#heading ?? {};
    return {
      kind: this.kind,
      line: this.first,
      text: this.#lines.join('\n'),
      ...(title === undefined ? {} : { title }),
      ...(path === undefined || this.kind !== this.#heading?.kind ? {} : { path }),
    };
  }
}

class SectionCutter {
  readonly #notes: NoteList;
  readonly #done: TextSection[] = [];
  #strands = new Map<SourceKind, Strand>();
  #heading: SectionHeading | undefined;
  #kind: SourceKind | undefined;
  /** The section is one that nothing here reads. */
  #ignored = false;
  #afterRule = false;
  #headings = 0;
  #dropped = 0;

  constructor(file: string, kind: SourceKind | undefined) {
    this.#notes = new NoteList(file);
    this.#kind = kind;
  }

  line(line: string, number: number): void {
    if (isSectionRule(line)) {
      this.#begin(undefined);
      this.#afterRule = true;
      return;
    }
    const heading = sectionHeading(line);
    if (heading !== undefined) {
      this.#begin(heading, number);
      return;
    }
    // nvidia-bug-report.sh puts `*** ls: -r--r--r-- …` below the name of a file.
    if (line === '' || (!this.#afterRule && line.startsWith('*** '))) return;
    if (this.#afterRule) {
      // What follows a rule is a heading, also if it names nothing that is known.
      this.#begin({ title: line.slice(0, 80), kind: kindOfLine(line) }, number);
      if (this.#ignored) return;
    }
    if (this.#ignored) return;
    const kind = this.#kindOf(line);
    if (kind !== undefined) this.#kind = kind;
    this.#strand(kind ?? 'unknown', number)?.add(line, number);
  }

  #kindOf(line: string): SourceKind | undefined {
    const certain = kindOfLine(line);
    // iasl ends with the table's bytes as acpidump would print them.
    if (certain === 'acpi-text' && this.#kind === 'iasl') return 'iasl';
    return certain ?? this.#kind;
  }

  /** Kind of all lines, if there is no heading and no other kind. */
  get whole(): SourceKind | undefined {
    const [only, ...others] = this.#strands.keys();
    return this.#headings === 0 && others.length === 0 ? only : undefined;
  }

  finish(): { readonly sections: readonly TextSection[]; readonly notes: readonly ImportNote[] } {
    this.#end();
    if (this.#dropped > 0) {
      this.#notes.add(`there are more than ${MAX_SECTIONS} sections: ${this.#dropped} lines are not read`);
    }
    return { sections: this.#done, notes: this.#notes.all() };
  }

  #begin(heading: SectionHeading | undefined, number = 0): void {
    this.#end();
    this.#headings++;
    this.#heading = heading;
    this.#kind = heading?.kind;
    this.#afterRule = false;
    this.#ignored = heading !== undefined && heading.kind === undefined;
    if (this.#ignored && this.#done.length < MAX_SECTIONS) {
      this.#done.push({ kind: 'unknown', line: number, text: '', title: (heading as SectionHeading).title });
    }
  }

  #end(): void {
    for (const strand of this.#strands.values()) {
      if (strand.kind !== 'unknown' || this.#strands.size === 1) this.#done.push(strand.section());
      else {
        // A remark above what was pasted.
        const message = `${strand.count} lines from here on are of nothing that is known, and are passed over`;
        this.#notes.add(message, { line: strand.first });
      }
    }
    this.#strands = new Map();
  }

  #strand(kind: SourceKind, number: number): Strand | undefined {
    const open = this.#strands.get(kind);
    if (open !== undefined) return open;
    if (this.#done.length + this.#strands.size >= MAX_SECTIONS) {
      this.#dropped++;
      return undefined;
    }
    const strand = new Strand(kind, number, this.#heading);
    this.#strands.set(kind, strand);
    return strand;
  }
}
