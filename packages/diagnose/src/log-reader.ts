import {
  type CarriedLine,
  type LogRecord,
  LogRecordReader,
  type RecordCarrier,
  stripLogCarrier,
} from '@quiesce/machine';
import { NetconsoleFragments } from './carriers/netconsole-fragments.ts';
import { PstoreParts } from './carriers/pstore-parts.ts';
import { splitUpTo } from './carriers/split-up-to.ts';
import { terminalLines } from './carriers/terminal-text.ts';
import { rankCauses } from './causes/index.ts';
import type { Diagnosis, LoggedFault } from './diagnosis.ts';
import { EventList } from './events/event-list.ts';
import { readEvent } from './events/event-reader.ts';
import { FaultCollector } from './faults/fault-collector.ts';
import type { FoundFault, LogLine } from './faults/found-fault.ts';
import { faultsInHtml, isHtml } from './faults/html-copy.ts';
import { OtherFaultReader } from './faults/other-fault-reader.ts';
import { VtdFaultAssembler } from './faults/vtd-fault-assembler.ts';
import { KernelTracker } from './kernels/kernel-tracker.ts';
import { loggedKernels } from './kernels/logged-kernels.ts';
import { behindUnknownCarrier, whyNotAFault } from './lines/not-a-fault.ts';
import { NoteList } from './note-list.ts';
import { LineScanner } from './scan/line-scanner.ts';
import { hasNeedle } from './scan/needles.ts';
import { verdictOf } from './verdict.ts';

/** How a log is read. */
export interface LogReaderOptions {
  /** Name that the diagnosis gives to the log. */
  readonly file: string;
  /** Called for each fault as soon as it is certain, in order of the log but for messages of two lines. */
  readonly onFault?: (fault: LoggedFault) => void;
}

/** A time since boot in the middle of a message. */
const STAMP = /\[ {0,11}\d{1,9}\.\d{6}\] /;
/** So many lines are read whatever they say: they tell whether it is the log of a kernel at all. */
const READ_WHOLE = 500;
/** Messages on one line; of what follows, the first one is read. */
const MAX_PIECES = 16;
const MAX_SEEN = 2000;
/** Lines of one message; of more, the last one takes all that follows. */
const MAX_LINES = 1000;
/** How /dev/kmsg and the tools that read memory images print an end of line within a message. */
const PRINTED_LINE_FEED = '\\x0a';
const NO_CARRIER: RecordCarrier = {};

/** A line on its way through carriers. */
interface LinePlace {
  readonly number: number;
  /** Messages before it, one after the other, whatever the carrier puts between them. */
  readonly sequence: number;
  /** What an entry says beside its message. */
  readonly outer: RecordCarrier;
}

/**
 * Reads a kernel's log piece by piece in constant memory: lines that cannot matter are never decoded, faults are
 * grouped, and every list is bounded. No input makes it throw.
 */
export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #notes = new NoteList();
  readonly #events = new EventList();
  readonly #faults = new FaultCollector();
  readonly #kernels: KernelTracker;
  readonly #vtd: VtdFaultAssembler;
  readonly #other: OtherFaultReader;
  readonly #records: LogRecordReader;
  readonly #parts: PstoreParts;
  readonly #fragments: NetconsoleFragments;
  readonly #scanner: LineScanner;
  readonly #encoder = new TextEncoder();
  /** Set where the log is in UTF-16. */
  #wide: InstanceType<typeof TextDecoder> | undefined;
  #bytes = 0;
  /** Faults by requester and address, to know the HTML copy of a mail. */
  readonly #seen = new Set<string>();
  #suppressed = 0;
  #kernelLines = 0;
  /** By how much the sequence of messages is ahead of the lines of the file; below 0 where entries have several lines. */
  #ahead = 0;
  #latestSequence = 0;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#kernels = new KernelTracker((line, message) => this.#notes.add(line, message));
    const findings = {
      fault: (found: FoundFault) => this.#found(found),
      note: (line: number, message: string) => this.#notes.add(line, message),
    };
    this.#vtd = new VtdFaultAssembler(findings);
    this.#other = new OtherFaultReader(findings);
    this.#fragments = new NetconsoleFragments((text, number) => {
      const inOrder = number + this.#ahead;
      // Of lines that were held back, the file's order is not the order of time.
      const sequence = inOrder < this.#latestSequence ? this.#latestSequence + 1 : inOrder;
      this.#readLine(text, { number, sequence, outer: NO_CARRIER });
    });
    this.#parts = new PstoreParts((text, number) => this.#fragments.take(text, number), findings.note);
    this.#records = new LogRecordReader({
      plain: (text, number) => this.#parts.take(text, number),
      record: (record) => this.#readRecord(record),
      passedOver: (text, number) => this.#passOver(text, number),
    });
    this.#scanner = new LineScanner({
      line: (text, number) => this.#records.take(text, number),
      wantsNext: () => this.#scanner.lines < READ_WHOLE || this.#wantsNext(),
      overlong: (number) =>
        this.#notes.add(number, 'the line has more than 64 KiB; the rest of it is not read'),
    });
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whole lines read so far. */
  get lines(): number {
    return this.#scanner.lines;
  }

  /** Takes the next piece; it may end anywhere, in the middle of a line or of a character. */
  push(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? this.#encoder.encode(chunk) : chunk;
    if (this.bytes === 0) this.#wide = decoderOfUtf16(bytes);
    this.#bytes += bytes.length;
    const text = this.#wide?.decode(bytes, { stream: true });
    this.#scanner.push(text === undefined ? bytes : this.#encoder.encode(text));
  }

  /** The log has ended: what it says. The reader is not to be used afterwards. */
  finish(): Diagnosis {
    this.#scanner.end();
    this.#records.finish();
    this.#parts.finish();
    this.#fragments.finish();
    this.#vtd.finish();
    this.#other.finish();
    const { lines } = this.#scanner;
    for (const left of this.#events.left()) this.#notes.add(lines, left);
    if (this.#faults.ungrouped > 0) {
      this.#notes.add(
        lines,
        `${this.#faults.ungrouped} further faults are counted, but in no group: there are too many`,
      );
    }
    const records = this.#kernels.kernels;
    const isKernelLog =
      this.#kernelLines > 0 || records.some((record) => record.content > 0 || record.release !== undefined);
    const faults = this.#faults.finish(this.#suppressed);
    const found = {
      faults,
      events: this.#events.all(),
      kernels: isKernelLog ? loggedKernels(records, lines) : [],
    };
    const diagnosis: Diagnosis = {
      schema: 'quiesce/diagnosis/1',
      file: this.#options.file,
      lines,
      bytes: this.#bytes,
      ...spread(lines, this.#ahead),
      ...verdictOf({ ...found, isKernelLog }),
      ...found,
      ties: [],
      causes: [],
      notes: this.#notes.finish(lines),
    };
    return { ...diagnosis, causes: rankCauses(diagnosis) };
  }

  /** True while the next line is wanted, whatever stands in it. */
  #wantsNext(): boolean {
    return (
      this.#vtd.wantsNext() ||
      this.#other.wantsNext() ||
      this.#records.wantsNext ||
      this.#parts.wantsNext ||
      this.#fragments.wantsNext
    );
  }

  #readRecord(record: LogRecord): void {
    const { message, line, lines, damaged, spread } = record;
    this.#ahead += 1 - lines;
    const wanted = this.#scanner.lines < READ_WHOLE || this.#vtd.wantsNext() || this.#other.wantsNext();
    if (!wanted && !hasNeedle(damaged ?? message)) return;
    const { carrier } = record;
    const pieces = splitUpTo(message.trimEnd(), '\n', MAX_LINES);
    if (damaged !== undefined && whyNotAFault(damaged, message) !== undefined)
      this.#notes.add(line, 'this entry of a journal was cut or damaged: read as far as it goes');
    for (const [index, piece] of pieces.entries()) {
      const sequence = Math.max(this.#latestSequence + 1, this.#scanner.lines + this.#ahead);
      const number = spread === true ? line + index : line;
      this.#readLine(piece, { number, sequence, outer: carrier });
    }
  }

  /** A field of an entry that is not its message: nobody misses it unless it has words of a fault. */
  #passOver(text: string, number: number): void {
    const why = whyNotAFault(text, text);
    if (why !== undefined) this.#notes.add(number, why);
  }

  #readLine(text: string, place: LinePlace): void {
    for (const shown of terminalLines(text)) {
      if (!shown.includes(PRINTED_LINE_FEED)) this.#read(shown, place);
      else for (const line of splitUpTo(shown, PRINTED_LINE_FEED, MAX_LINES)) this.#read(line, place);
    }
  }

  #read(raw: string, place: LinePlace): void {
    let rest = raw;
    for (let piece = 1; rest !== ''; piece++) {
      const stripped = stripLogCarrier(rest);
      const carried = place.outer === NO_CARRIER ? stripped : { ...place.outer, ...stripped };
      // A console lost the end of a line: another message follows, with its own stamp.
      const next = piece < MAX_PIECES && !isHtml(rest) ? carried.message.search(STAMP) : -1;
      if (next <= 0) {
        this.#readMessage(rest, carried, place);
        return;
      }
      const message = carried.message.slice(0, next);
      this.#readMessage(rest.slice(0, carried.start + next), { ...carried, message }, place);
      rest = carried.message.slice(next);
    }
  }

  #readMessage(raw: string, stripped: CarriedLine, { number, sequence }: LinePlace): void {
    this.#latestSequence = sequence;
    let carried = stripped;
    let message = carried.message.trimEnd();
    const behind = message.startsWith('DMAR') ? undefined : behindUnknownCarrier(message);
    if (behind !== undefined) {
      carried = { ...carried, message: behind };
      message = behind;
    }
    message = message.trimStart();
    const place = this.#kernels.read(message, carried, { number, sequence });
    const line: LogLine = { number, sequence, raw, carried, message, ...place };
    if (isHtml(raw)) {
      this.#readHtml(line);
      return;
    }
    if (this.#vtd.read(line) || this.#other.read(line)) return;
    const event = readEvent(line);
    const why = whyNotAFault(raw, message);
    if (event === undefined) {
      if (why !== undefined) this.#notes.add(number, why);
      return;
    }
    // The event log of an AMD IOMMU has other things than refused requests.
    if (why !== undefined && !message.includes('Event logged [')) {
      this.#notes.add(
        number,
        'another message with words of a fault stands in this line, and cannot be read',
      );
    }
    this.#kernelLines++;
    this.#kernels.sawContent();
    if (event.kind === 'fault-status') this.#vtd.sawStatusLine(line);
    this.#suppressed += event.count ?? 0;
    this.#events.add(event);
  }

  #readHtml(line: LogLine): void {
    const found = faultsInHtml(line);
    for (const one of found) {
      if (!this.#seen.has(sameFault(one.fault))) this.#found(one);
      else {
        const reason =
          one.fault.reason === undefined ? '' : ` (fault reason 0x${one.fault.reason.toString(16)})`;
        this.#notes.add(line.number, `the HTML copy of a mail repeats a fault${reason}: not counted again`);
      }
    }
    if (found.length === 0 && whyNotAFault(line.raw, line.message) !== undefined) {
      this.#notes.add(line.number, 'HTML with words of a fault that cannot be read as one');
    }
  }

  #found(found: FoundFault): void {
    this.#kernelLines++;
    this.#kernels.sawContent();
    if (this.#seen.size < MAX_SEEN) this.#seen.add(sameFault(found.fault));
    this.#faults.add(found);
    this.#options.onFault?.(found.fault);
  }
}

/** How many lines of the file a message takes, where that is more than one. */
function spread(lines: number, ahead: number): Pick<Diagnosis, 'linesPerMessage'> {
  const ratio = lines / Math.max(1, lines + ahead);
  return ratio < 1.5 ? {} : { linesPerMessage: Math.round(ratio) };
}

function sameFault({ kind, requester, address, index }: LoggedFault): string {
  return [kind, requester?.bus, requester?.device, requester?.fn, address, index].join();
}

/** Consoles that were saved on Windows may be in UTF-16; their first two bytes say so. */
function decoderOfUtf16(start: Uint8Array): InstanceType<typeof TextDecoder> | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le');
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be');
  return;
}
