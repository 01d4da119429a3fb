import type { RemappingPlatform, Stated } from '../capture/host-facts.ts';
import type {
  AmdFeatures,
  LoggedAmdUnit,
  LoggedBoot,
  LoggedEcam,
  LoggedFunction,
  LoggedHostBridge,
  LoggedIdentityMap,
  LoggedInterface,
  LoggedInterruptSource,
  LoggedLine,
  LoggedMemory,
  LoggedRange,
  LoggedResource,
  LoggedTable,
  LoggedUnit,
} from './boot-record.ts';
import type { NoteList } from './note-list.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Of every list: more come from hostile files only. A segment has 65,536 functions. */
const MAX_ENTRIES = 4096;
const MAX_FUNCTIONS = 0x1_0000;
const MAX_UNITS = 1024;
/** Of lists that are searched for what is already there: ECAM windows, host bridges, reservations. */
export const MAX_SEARCHED = 256;

/** A function that is being read. */
export interface FunctionDraft extends Mutable<Omit<LoggedFunction, 'bars' | 'windows'>> {
  bars: (LoggedResource | undefined)[];
  windows: LoggedResource[];
}

/** What a reader of lines needs beside the line. */
export interface LineContext {
  readonly boot: BootDraft;
  readonly notes: NoteList;
  readonly file: string;
  readonly line: number;
}

/** One kernel's boot while its lines are read. */
export class BootDraft implements LoggedBoot {
  readonly file: string;
  readonly line: number;
  kernelRelease?: Stated<string>;
  kernelVersion?: Stated<string>;
  commandLine?: Stated<string>;
  crashKernel = false;
  platform?: Stated<RemappingPlatform>;
  hostAddressWidth?: number;
  units: Mutable<LoggedUnit>[] = [];
  reservedMemory: LoggedRange[] = [];
  identityMaps: LoggedIdentityMap[] = [];
  rootPortAts: { flags: number; line: number }[] = [];
  proximity: { registerBase: number; domain: number; line: number }[] = [];
  integratedAts: { flags: number; line: number }[] = [];
  acpiDevices: { number: number; name: string; line: number }[] = [];
  interruptSources: LoggedInterruptSource[] = [];
  amdUnits: Mutable<LoggedAmdUnit>[] = [];
  amdFeatures?: AmdFeatures & LoggedLine;
  interruptRemapping?: Stated<'x2apic' | 'xapic' | 'off'>;
  x2apicOptOut = false;
  remappingLines: Stated<string>[] = [];
  tables: LoggedTable[] = [];
  e820: LoggedMemory[] = [];
  ecam: LoggedEcam[] = [];
  hostBridges: (Mutable<Omit<LoggedHostBridge, 'windows'>> & { windows: LoggedRange[] })[] = [];
  readonly drivers: Map<string, Stated<string>> = new Map();
  readonly nvmeControllers: Map<string, Stated<string>> = new Map();
  readonly networkInterfaces: Map<string, LoggedInterface> = new Map();
  readonly iommuGroups: Map<string, Stated<number>> = new Map();
  crashReservations: LoggedRange[] = [];
  processors?: Stated<number>;
  readonly #unitsByBase = new Map<number, Mutable<LoggedUnit>>();
  readonly #functions = new Map<string, FunctionDraft>();
  #dropped = 0;

  constructor(file: string, line: number) {
    this.file = file;
    this.line = line;
  }

  get functions(): readonly LoggedFunction[] {
    return [...this.#functions.values()];
  }

  /** No line said anything of use. */
  get isEmpty(): boolean {
    return (
      this.kernelRelease === undefined &&
      this.commandLine === undefined &&
      this.platform === undefined &&
      this.processors === undefined &&
      this.#functions.size === 0 &&
      this.units.length + this.e820.length + this.tables.length + this.ecam.length === 0 &&
      this.hostBridges.length + this.reservedMemory.length + this.remappingLines.length === 0 &&
      this.drivers.size + this.crashReservations.length === 0
    );
  }

  functionAt(name: string): FunctionDraft | undefined {
    return this.#functions.get(name);
  }

  addFunction(draft: FunctionDraft): void {
    if (this.#functions.size < MAX_FUNCTIONS) this.#functions.set(draft.name, draft);
    else this.#dropped++;
  }

  /** Adds to one of the lists, unless it is full. */
  add<T>(list: T[], entry: T, limit: number = MAX_ENTRIES): void {
    if (list.length < limit) list.push(entry);
    else this.#dropped++;
  }

  /** Puts into one of the maps, unless it is full. The first line counts. */
  put<T>(map: Map<string, T>, name: string, value: T): void {
    if (map.has(name)) return;
    if (map.size < MAX_FUNCTIONS) map.set(name, value);
    else this.#dropped++;
  }

  /** The unit with its registers at this address; it is made if there is none. */
  unitAt(registerBase: number, line: number): Mutable<LoggedUnit> {
    const known = this.#unitsByBase.get(registerBase);
    if (known !== undefined) return known;
    const unit = { registerBase, line };
    this.add(this.units, unit, MAX_UNITS);
    if (this.#unitsByBase.size < MAX_UNITS) this.#unitsByBase.set(registerBase, unit);
    return unit;
  }

  finish(notes: NoteList): void {
    if (this.#dropped > 0) {
      notes.add(`${this.#dropped} lines more than any machine has were passed over`, { line: this.line });
    }
  }
}
