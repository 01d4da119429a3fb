import { UserError } from '@quiesce/simulation';
import type { ImportNote } from '../description/machine.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import { readSysfsTree, type SysfsTree } from '../import/sysfs-tree.ts';
import type { CaptureBundle } from './capture-bundle.ts';
import type { CapturedFile, UnreadFile } from './captured-file.ts';
import { capturedText, isText } from './captured-text.ts';
import { counted } from './counted.ts';
import { cutSections, type TextSection } from './cut-sections.ts';
import type { CaptureSource, SourceKind } from './imported-capture.ts';
import { kindOfPath } from './kind-of-path.ts';
import { machinePath } from './machine-path.ts';
import { filesOf, parseCaptureBundle } from './parse-capture-bundle.ts';
import { isAcpiTable, recogniseText } from './recognise-file.ts';
import { salvageBundle } from './salvage-bundle.ts';
import { SectionReader } from './section-reader.ts';
import { shiftLines } from './shift-lines.ts';

/** Everything that the files of a capture were read as. */
export interface CaptureReading
  extends Pick<SectionReader, 'functions' | 'acpi' | 'iomem' | 'bootLogs' | 'facts' | 'notes'> {
  readonly sysfs: SysfsTree | undefined;
  readonly sysfsFiles: readonly SysfsFile[];
  readonly unread: readonly UnreadFile[];
  readonly sources: readonly CaptureSource[];
}

/** Most files and sources that are listed one by one. */
const MAX_FILES = 200_000;
const MAX_SOURCES = 5000;

/** Kinds whose parsers count lines from the first line of the section, not of the file. */
const countsFromSection: ReadonlySet<SourceKind> = new Set(['acpi-text', 'iasl', 'iomem']);

/** Reads each file, and each section of each file, with the parser for what it is. */
export class CaptureReader {
  readonly #sections = new SectionReader();
  readonly #notes = this.#sections.notes;
  readonly #unread: UnreadFile[] = [];
  readonly #sysfs: CapturedFile[] = [];
  readonly #sources: CaptureSource[] = [];
  readonly #paths = new Set<string>();
  #files = 0;
  #unlisted = 0;

  file(file: CapturedFile): void {
    if (++this.#files > MAX_FILES) return;
    const { path } = file;
    if (this.#paths.has(path)) {
      this.#note({ file: path, message: 'a file of this path was given before: this one is not used' });
      return;
    }
    this.#paths.add(path);
    const place = machinePath(path);
    const kind = place === undefined ? undefined : kindOfPath(place);
    if (kind === 'sysfs') this.#sysfs.push(file);
    else if (file.link !== undefined) this.#unknown(path, `a link to ${file.link}`);
    else if (typeof file.content !== 'string' && (kind === 'acpi-table' || isAcpiTable(file.content))) {
      this.#section(path, { kind: 'acpi-table', line: 1, text: '' }, file.content);
    } else if (!isText(file)) this.#unknown(path, 'no text, and no table of ACPI');
    else this.#guarded(path, 1, 'unknown', () => this.#text(path, place, kind, capturedText(file)));
  }

  finish(): CaptureReading {
    if (this.#files > MAX_FILES) {
      const message = `there are more than ${MAX_FILES} files: ${this.#files - MAX_FILES} are not read`;
      this.#note({ file: 'capture', message });
    }
    const sysfsFiles = [...this.#sysfs, ...this.#sections.sysfs];
    const sysfs = sysfsFiles.length === 0 ? undefined : this.#tree(sysfsFiles);
    if (this.#unlisted > 0) {
      this.#note({ file: 'capture', message: `${this.#unlisted} further sources are not listed` });
    }
    const { functions, acpi, iomem, bootLogs, facts, notes } = this.#sections;
    const read = { functions, acpi, iomem, bootLogs, facts, notes };
    return { ...read, sysfs, sysfsFiles, unread: this.#unread, sources: this.#sources };
  }

  #text(path: string, place: string | undefined, kind: SourceKind | undefined, text: string): undefined {
    const whole = recogniseText(text);
    if (whole === 'capture-bundle') {
      this.#bundle(path, text);
      return;
    }
    if (whole === 'command-line') {
      this.#section(path, { kind: whole, line: 1, text });
      return;
    }
    if (kind !== undefined && place !== undefined && !place.startsWith('sos_commands/')) {
      this.#section(path, { kind, line: 1, text, path: place });
      return;
    }
    const { sections, notes } = cutSections(text, path, kind);
    this.#notes.addAll(notes);
    if (whole !== undefined)
      this.#source({ file: path, kind: whole, gave: counted(sections.length, 'section') });
    if (sections.length === 0) this.#unknown(path, 'empty');
    for (const section of sections) this.#section(path, section);
  }

  #bundle(path: string, text: string): void {
    this.#guarded(path, 1, 'capture-bundle', () => {
      const bundle = this.#parsedBundle(path, text);
      const by = bundle.privileged ? 'as root' : 'as an ordinary user';
      const gave = `${counted(bundle.files.length, 'file')}, taken ${bundle.taken} ${by} by ${bundle.tool}`;
      this.#source({ file: path, kind: 'capture-bundle', gave });
      this.#unreadFiles(path, bundle.unread);
      for (const file of filesOf(bundle)) {
        if (typeof file.content === 'string' && recogniseText(file.content) === 'capture-bundle') {
          this.#unknown(file.path, 'a capture within a capture');
        } else this.file(file);
      }
      return undefined;
    });
  }

  /** @throws UserError if not even a part of it can be read */
  #parsedBundle(path: string, text: string): Omit<CaptureBundle, 'schema' | 'redacted'> {
    try {
      return parseCaptureBundle(text, { file: path });
    } catch (error) {
      const salvaged = error instanceof UserError ? salvageBundle(text, path) : undefined;
      if (salvaged === undefined) throw error;
      const { code, message } = error as UserError;
      const read = `${counted(salvaged.files.length, 'file')} of it are read one by one`;
      this.#note({ file: path, message: `${code}: ${withoutPlace(message, path)}: ${read}` });
      this.#notes.addAll(salvaged.notes);
      return salvaged;
    }
  }

  /** What is absent is told in one note, what could not be read in one each. */
  #unreadFiles(path: string, unread: readonly UnreadFile[]): void {
    const absent: string[] = [];
    for (const one of unread) {
      this.#unread.push(one);
      if (/no such file|is empty/i.test(one.reason)) absent.push(one.path);
      else if (/^\d+ lines .{0,40}were left out/.test(one.reason))
        this.#note({ file: one.path, message: one.reason });
      else this.#note({ file: one.path, message: `could not be read: ${one.reason}` });
    }
    if (absent.length === 0) return;
    const more = absent.length > 20 ? ` and ${absent.length - 20} more` : '';
    this.#note({ file: path, message: `not on this machine: ${absent.slice(0, 20).join(', ')}${more}` });
  }

  #section(file: string, section: TextSection, bytes?: Uint8Array): void {
    this.#guarded(file, section.line, section.kind, () => this.#sections.read(file, section, bytes));
  }

  #tree(files: readonly SysfsFile[]): SysfsTree {
    const tree = readSysfsTree(files);
    this.#notes.addAll(tree.notes);
    for (const listed of tree.functions) this.#sections.functions.push({ rank: 'sysfs', listed });
    // What stood in reports is listed there.
    const tops = new Map<string, number>();
    for (const { path } of this.#sysfs) {
      const top = path.slice(0, Math.max(0, path.search(/(?<=^|[\\/])(?:sys|proc)[\\/]/)) + 4);
      tops.set(top, (tops.get(top) ?? 0) + 1);
    }
    const largestFirst = [...tops].sort(([, a], [, b]) => b - a);
    for (const [index, [file, files]] of largestFirst.entries()) {
      const functions = index === 0 ? `, ${counted(tree.functions.length, 'function')}` : '';
      this.#source({ file, kind: 'sysfs', gave: `${counted(files, 'file')}${functions}` });
    }
    return tree;
  }

  /** Lists the source with what it gave; what a parser refuses costs this source and no other. */
  #guarded(file: string, line: number, kind: SourceKind, read: () => string | undefined): void {
    const at = line > 1 ? { line } : {};
    try {
      const gave = read();
      if (gave !== undefined) this.#source({ file, ...at, kind, gave });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#source({ file, ...at, kind, gave: 'nothing that can be used' });
      const shift = countsFromSection.has(kind) ? line : 1;
      this.#notes.addAll(shiftLines([noteOf(error, file)], shift));
    }
  }

  #unknown(file: string, what: string, line?: number): void {
    this.#source({
      file,
      ...(line === undefined ? {} : { line }),
      kind: 'unknown',
      gave: `not used: ${what}`,
    });
  }

  #source(source: CaptureSource): void {
    if (this.#sources.length < MAX_SOURCES) this.#sources.push(source);
    else this.#unlisted++;
  }

  #note(note: ImportNote): void {
    this.#notes.addAll([note]);
  }
}

function noteOf(error: UserError, file: string): ImportNote {
  const { line, offset } = error.place;
  return {
    file,
    ...(line === undefined ? {} : { line }),
    ...(offset === undefined ? {} : { offset }),
    message: `${error.code}: ${withoutPlace(error.message, file)}`,
  };
}

/** An error's message begins with its place, whose line may be that of a section. */
function withoutPlace(message: string, file: string): string {
  const end = message.startsWith(file) ? message.indexOf(': ', file.length) : -1;
  return end < 0 ? message : message.slice(end + 2);
}
