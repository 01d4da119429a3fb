import { type AcpiDump, parseAcpiDump } from '../import/acpi-dump.ts';
import { parseBootLog } from '../import/boot-log.ts';
import type { BootLog, LoggedBoot } from '../import/boot-record.ts';
import { type Iomem, parseIomem } from '../import/iomem.ts';
import { type LspciDump, parseLspci } from '../import/lspci.ts';
import { parseLspciMachineReadable } from '../import/lspci-machine-readable.ts';
import { parseLspciTree } from '../import/lspci-tree.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import { hasBytes } from './byte-trust.ts';
import { counted } from './counted.ts';
import type { TextSection } from './cut-sections.ts';
import { linksOfListing, listedFolder } from './dump-path/link-listing.ts';
import type { SourceKind } from './imported-capture.ts';
import { lastComponent } from './machine-path.ts';
import type { FunctionRank, RankedFunction } from './merge-functions.ts';
import { NoteCollection } from './note-collection.ts';
import { shiftLines } from './shift-lines.ts';
import { tableSummary } from './table-summary.ts';

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

/** Reads sections with the parser for what each one is, and keeps what they gave. */
export class SectionReader {
  readonly notes: NoteCollection = new NoteCollection();
  readonly functions: RankedFunction[] = [];
  readonly acpi: ReadSource<AcpiDump>[] = [];
  readonly iomem: ReadSource<Iomem>[] = [];
  readonly bootLogs: BootLog[] = [];
  readonly facts: FactText[] = [];
  /** Files of `/sys` that stood in reports. */
  readonly sysfs: SysfsFile[] = [];

  /**
   * Reads a section and says what it gave.
   * @throws UserError those of the parsers
   */
  read(file: string, section: TextSection, bytes?: Uint8Array): string {
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
        this.acpi.push({ file, line, parsed });
        this.notes.addAll(shiftLines(parsed.notes, line));
        return parsed.tables.map(tableSummary).join(', ');
      }
      case 'iomem': {
        const parsed = parseIomem(text, { file });
        this.iomem.push({ file, line, parsed });
        this.notes.addAll(shiftLines(parsed.notes, line));
        return parsed.readable ? counted(parsed.regions.length, 'region') : 'no addresses';
      }
      case 'boot-log': {
        const log = parseBootLog(text, { file, firstLine: line });
        this.bootLogs.push(log);
        this.notes.addAll(log.notes);
        return log.boots.map(bootSummary).join('; ') || 'nothing of a boot';
      }
      case 'command-line':
      case 'kernel-version':
      case 'kdump-configuration':
      case 'mounts':
      case 'network-routes':
      case 'block-devices':
      case 'network-interfaces':
      case 'host-setting': {
        const path = section.path ?? section.title;
        this.facts.push({ kind, file, line, text, ...(path === undefined ? {} : { path }) });
        return kind === 'host-setting'
          ? text.trim().split('\n', 1)[0]?.slice(0, 60) || 'empty'
          : 'host facts';
      }
      case 'link-listing': {
        const folder = listedFolder(section.title ?? lastComponent(file));
        const links = linksOfListing(text, { file, firstLine: line, folder });
        for (const one of links) this.sysfs.push(one);
        return links.length === 0 ? 'not used: no links to devices' : counted(links.length, 'link');
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
      this.sysfs.push({ path, content: text, place: { file, line } });
      return `/${path}`;
    }
    const lines = text.split('\n');
    for (const [index, one] of lines.entries()) {
      if (one === '') continue;
      const place = { file, line: line + index };
      this.sysfs.push({ path: one.trim().slice(1, 1000), content: '', link: '', place });
    }
    return counted(lines.length, 'path');
  }

  /** Functions of one of the forms of lspci. */
  #listed(file: string, dump: LspciDump, words: FunctionRank): string {
    this.notes.addAll(dump.notes);
    for (const one of dump.functions) {
      const listed = { ...one, file, driverKnown: one.verbose ?? dump.verbose };
      this.functions.push({ rank: hasBytes(one) ? 'hex' : words, listed });
    }
    const bytes = dump.functions.filter(hasBytes).length;
    return `${counted(dump.functions.length, 'function')}${bytes === dump.functions.length ? '' : `, ${bytes} with bytes`}`;
  }
}

function bootSummary(boot: LoggedBoot): string {
  const release = boot.kernelRelease?.value ?? 'a kernel';
  return `${release}${boot.crashKernel ? ' (crash kernel)' : ''}: ${counted(boot.functions.length, 'function')}, ${counted(boot.units.length, 'unit')}`;
}
