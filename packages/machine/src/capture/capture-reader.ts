import { UserError } from '@quiesce/simulation';
import type { ImportNote } from '../description/machine.ts';
import { type AcpiDump, parseAcpiDump } from '../import/acpi-dump.ts';
import { parseBootLog } from '../import/boot-log.ts';
import type { BootLog, LoggedBoot } from '../import/boot-record.ts';
import { type Iomem, parseIomem } from '../import/iomem.ts';
import { type LspciDump, parseLspci } from '../import/lspci.ts';
import { parseLspciMachineReadable } from '../import/lspci-machine-readable.ts';
import { parseLspciTree } from '../import/lspci-tree.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import { readSysfsTree, type SysfsTree } from '../import/sysfs-tree.ts';
import { hasBytes } from './byte-trust.ts';
import type { CapturedFile, UnreadFile } from './captured-file.ts';
import { capturedText, isText } from './captured-text.ts';
import { cutSections, type TextSection } from './cut-sections.ts';
import type { CaptureSource, SourceKind } from './imported-capture.ts';
import { kindOfPath } from './kind-of-path.ts';
import { machinePath } from './machine-path.ts';
import type { FunctionRank, RankedFunction } from './merge-functions.ts';
import { NoteCollection } from './note-collection.ts';
import { filesOf, parseCaptureBundle } from './parse-capture-bundle.ts';
import { isAcpiTable, recogniseText } from './recognise-file.ts';
import { shiftLines } from './shift-lines.ts';

/** Something parsed, and where it stood. */
export interface ReadSource<Parsed> {
  readonly file: string;
  readonly line?: number;
  readonly parsed: Parsed;
}

/** A small text that says a host fact, by the path that it has on the machine where that is known. */
export interface FactText {
  readonly kind: SourceKind;
  readonly file: string;
  /** Line of the file at which the text begins. */
  readonly line: number;
  /** `etc/kdump.conf`; for a section without a path its kind tells. */
  readonly path?: string;
  readonly text: string;
}

/** Everything that the files of a capture were read as. */
export interface CaptureReading {
  readonly functions: readonly RankedFunction[];
  readonly acpi: readonly ReadSource<AcpiDump>[];
  readonly iomem: readonly ReadSource<Iomem>[];
  readonly bootLogs: readonly BootLog[];
  readonly facts: readonly FactText[];
  readonly sysfs: SysfsTree | undefined;
  readonly sysfsFiles: readonly SysfsFile[];
  readonly unread: readonly UnreadFile[];
  readonly sources: readonly CaptureSource[];
  readonly notes: NoteCollection;
}

/** Most files and sources that are listed one by one. */
const MAX_FILES = 200_000;
const MAX_SOURCES = 5000;

/** Kinds whose parsers count lines from the first line of the section, not of the file. */
const countsFromSection: ReadonlySet<SourceKind> = new Set(['acpi-text', 'iasl', 'iomem']);

/** Reads each file, and each section of each file, with the parser for what it is. */
export class CaptureReader {
  readonly #notes = new NoteCollection();
  readonly #functions: RankedFunction[] = [];
  readonly #acpi: ReadSource<AcpiDump>[] = [];
  readonly #iomem: ReadSource<Iomem>[] = [];
  readonly #bootLogs: BootLog[] = [];
  readonly #unread: UnreadFile[] = [];
  readonly #facts: FactText[] = [];
  readonly #sysfs: SysfsFile[] = [];
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
    const sysfs = this.#sysfs.length === 0 ? undefined : this.#tree();
    if (this.#unlisted > 0) {
      this.#note({ file: 'capture', message: `${this.#unlisted} further sources are not listed` });
    }
    return {
      functions: this.#functions,
      acpi: this.#acpi,
      iomem: this.#iomem,
      bootLogs: this.#bootLogs,
      facts: this.#facts,
      sysfs,
      sysfsFiles: this.#sysfs,
      unread: this.#unread,
      sources: this.#sources,
      notes: this.#notes,
    };
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
    if (whole !== undefined) this.#source({ file: path, kind: whole, gave: `${sections.length} sections` });
    if (sections.length === 0) this.#unknown(path, 'empty');
    for (const section of sections) this.#section(path, section);
  }

  #bundle(path: string, text: string): void {
    this.#guarded(path, 1, 'capture-bundle', () => {
      const bundle = parseCaptureBundle(text, { file: path });
      const by = bundle.privileged ? 'as root' : 'as an ordinary user';
      const gave = `${bundle.files.length} files, taken ${bundle.taken} ${by} by ${bundle.tool}`;
      this.#source({ file: path, kind: 'capture-bundle', gave });
      this.#unread.push(...bundle.unread);
      const absent = bundle.unread.filter(({ reason }) => /no such file|is empty/i.test(reason));
      for (const one of bundle.unread) {
        if (!absent.includes(one))
          this.#note({ file: one.path, message: `could not be read: ${one.reason}` });
      }
      if (absent.length > 0) {
        const names = absent.slice(0, 20).map(({ path: name }) => name);
        const more = absent.length > 20 ? ` and ${absent.length - 20} more` : '';
        this.#note({ file: path, message: `not on this machine: ${names.join(', ')}${more}` });
      }
      for (const file of filesOf(bundle)) {
        if (typeof file.content === 'string' && recogniseText(file.content) === 'capture-bundle') {
          this.#unknown(file.path, 'a capture within a capture');
        } else this.file(file);
      }
      return undefined;
    });
  }

  #section(file: string, section: TextSection, bytes?: Uint8Array): void {
    this.#guarded(file, section.line, section.kind, () => this.#parsed(file, section, bytes));
  }

  /** Reads a section and says what it gave. */
  #parsed(file: string, section: TextSection, bytes: Uint8Array | undefined): string {
    const { kind, line, text } = section;
    switch (kind) {
      case 'lspci':
        return this.#listed(file, parseLspci(text, { file, firstLine: line }), 'text');
      case 'lspci-tree':
        return this.#listed(file, parseLspciTree(text, { file, firstLine: line }), 'tree');
      case 'lspci-machine-readable':
        return this.#listed(file, parseLspciMachineReadable(text, { file, firstLine: line }), 'text');
      case 'acpi-text':
      case 'acpi-table':
      case 'iasl': {
        const parsed = parseAcpiDump(bytes ?? text, { file });
        this.#acpi.push({ file, line, parsed });
        this.#notes.addAll(shiftLines(parsed.notes, line));
        return parsed.tables.map((one) => one.signature).join(', ');
      }
      case 'iomem': {
        const parsed = parseIomem(text, { file });
        this.#iomem.push({ file, line, parsed });
        this.#notes.addAll(shiftLines(parsed.notes, line));
        return parsed.readable ? `${parsed.regions.length} regions` : 'no addresses';
      }
      case 'boot-log': {
        const log = parseBootLog(text, { file, firstLine: line });
        this.#bootLogs.push(log);
        this.#notes.addAll(log.notes);
        return log.boots.map(bootSummary).join('; ') || 'nothing of a boot';
      }
      case 'command-line':
      case 'kernel-version':
      case 'kdump-configuration':
      case 'host-setting': {
        const path = section.path ?? section.title;
        this.#facts.push({ kind, file, line, text, ...(path === undefined ? {} : { path }) });
        return kind === 'host-setting'
          ? text.trim().split('\n', 1)[0]?.slice(0, 60) || 'empty'
          : 'host facts';
      }
      case 'sysfs':
        return this.#sysfsSection(file, section);
      default:
        return `not used: ${section.title ?? 'nothing that is known here'}`;
    }
  }

  /** A file of `/sys` that stands in a report, or paths of `find /sys/kernel/iommu_groups`. */
  #sysfsSection(file: string, { path, line, text }: TextSection): string {
    if (path !== undefined) {
      this.#sysfs.push({ path, content: text, place: { file, line } });
      return `/${path}`;
    }
    const lines = text.split('\n');
    for (const [index, one] of lines.entries()) {
      if (one === '') continue;
      const place = { file, line: line + index };
      this.#sysfs.push({ path: one.trim().slice(1, 1000), content: '', link: '', place });
    }
    return `${lines.length} paths`;
  }

  /** Functions of one of the forms of lspci. */
  #listed(file: string, dump: LspciDump, words: FunctionRank): string {
    this.#notes.addAll(dump.notes);
    for (const one of dump.functions) {
      const listed = { ...one, file, driverKnown: one.verbose ?? dump.verbose };
      this.#functions.push({ rank: hasBytes(one) ? 'hex' : words, listed });
    }
    const bytes = dump.functions.filter(hasBytes).length;
    return `${dump.functions.length} functions${bytes === dump.functions.length ? '' : `, ${bytes} with bytes`}`;
  }

  #tree(): SysfsTree {
    const tree = readSysfsTree(this.#sysfs);
    this.#notes.addAll(tree.notes);
    for (const listed of tree.functions) this.#functions.push({ rank: 'sysfs', listed });
    // What stood in reports is listed there.
    const own = this.#sysfs.filter(({ place }) => place === undefined);
    const [file] = own;
    if (file !== undefined) {
      const top = file.path.slice(0, Math.max(0, file.path.search(/(?<=^|[\\/])(?:sys|proc)[\\/]/)) + 4);
      const gave = `${own.length} files, ${tree.functions.length} functions`;
      this.#source({ file: top, kind: 'sysfs', gave });
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
    message: `${error.code}: ${error.message}`,
  };
}

function bootSummary(boot: LoggedBoot): string {
  const release = boot.kernelRelease?.value ?? 'a kernel';
  return `${release}${boot.crashKernel ? ' (crash kernel)' : ''}: ${boot.functions.length} functions, ${boot.units.length} units`;
}
