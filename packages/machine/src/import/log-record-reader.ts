import { isMessageField, type LogRecord, type RecordCarrier, RecordFields } from './log-record.ts';
import { readJsonRecord, setJsonField, textOfBytes, unescaped } from './log-record-json.ts';

/** Who takes what a structured log is parted into. */
export interface LogRecordListener {
  record(record: LogRecord): void;
  /** A line that belongs to no entry. */
  plain(text: string, line: number): void;
  /** What is of no use in an entry: a line with another field, texts of other fields, something unreadable. */
  passedOver(text: string, line: number): void;
}

/** What the lines of an entry of several lines look like. */
type Form = 'json' | 'export' | 'verbose';

interface OpenRecord {
  readonly form: Form;
  readonly fields: RecordFields;
  readonly firstLine: number;
  /** A field has come: a brace alone may be anything. */
  certain: boolean;
  damaged: boolean;
  messageLine: number | undefined;
  /** Field that goes on: a list of bytes, binary data, a message of several lines. */
  under: { readonly name: string; readonly bytes?: number[]; binary?: 'length' | 'data' } | undefined;
  lines: number;
}

/** A list of bytes has a line for each, and a message at most 64 KiB. */
const MAX_LINES = 70_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a record separator begins each entry of json-seq
const LINE_OF_JSON = /^(?:data: |- |\x1e|,|\[|(?:> ?){1,4})?[ \t]{0,8}(\{".*)$/s;
const KEY = /^[ \t]{0,16}"([A-Za-z_@][\w@.-]{0,63})"[ \t]{0,4}:[ \t]{0,4}/;
const EXPORT_START = /^(?:__CURSOR=s=|__REALTIME_TIMESTAMP=\d|MESSAGE(?:=|$))/;
const EXPORT_FIELD = /^([A-Z_][A-Z0-9_]{0,63})=/;
const MESSAGE_AGAIN =
  /^ {0,4}MESSAGE(?:=|$)|^[ \t]{1,16}"(?:MESSAGE|log|message|msg|line|textPayload)"[ \t]{0,4}:/;
const VERBOSE_START = /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.{0,40} \[s=[0-9a-f]{1,32};.{0,400}\]$/;
const VERBOSE_FIELD = /^ {4}([A-Z_][A-Z0-9_]{0,63})=/;

/**
 * Parts structured logs into entries, line by line and in bounded memory: `journalctl -o json`, `json-pretty`, `json-sse`,
 * `json-seq`, `export` and `verbose`, and the JSON lines of container runtimes and log collectors. All other lines come
 * back as they are, at the cost of looking at their first character. What form a section of a file has is found out where
 * it begins. Never throws.
 */
export class LogRecordReader {
  readonly #listener: LogRecordListener;
  #open: OpenRecord | undefined;
  /** Form of the entry that ended just before. */
  #latest: Form | undefined;
  /** Blank lines since then. */
  #blank = 0;

  constructor(listener: LogRecordListener) {
    this.#listener = listener;
  }

  /** True within an entry of several lines and right behind it: the next line is wanted, whatever it says. */
  get wantsNext(): boolean {
    return this.#open !== undefined || this.#latest !== undefined;
  }

  take(text: string, line: number): void {
    let open = this.#open;
    // The lines between two messages were lost.
    if (open?.messageLine !== undefined && MESSAGE_AGAIN.test(text) && open.under?.bytes === undefined)
      open = this.#endAndBegin(open, line);
    if (open === undefined) {
      this.#outside(text, line);
      return;
    }
    if (open.lines++ > MAX_LINES) {
      open.damaged = true;
      this.#end();
      this.#outside(text, line);
      return;
    }
    if (open.form === 'json') this.#inJson(open, text, line);
    else if (open.form === 'export') this.#inExport(open, text, line);
    else this.#inVerbose(open, text, line);
  }

  /** The log has ended. */
  finish(): void {
    if (this.#open !== undefined) {
      this.#open.damaged ||= this.#open.form === 'json';
      this.#end();
    }
    this.#latest = undefined;
  }

  #endAndBegin({ form }: OpenRecord, line: number): OpenRecord {
    (this.#open as OpenRecord).damaged = true;
    this.#end();
    this.#open = openRecord(form, line, 0);
    return this.#open;
  }

  #outside(text: string, line: number): void {
    const form = beginsWith(text, this.#latest);
    if (form === undefined) {
      if (this.#latest !== undefined && text.trim().length <= 1) {
        this.#blank++;
        return;
      }
      this.#latest = undefined;
      this.#blank = 0;
      if (!this.#readLineOfJson(text, line)) this.#listener.plain(text, line);
      return;
    }
    const open = openRecord(form, line, 1 + this.#blank);
    this.#open = open;
    this.#blank = 0;
    if (form === 'export') this.#inExport(open, text, line);
    else if (form === 'json' && KEY.test(text)) this.#inJson(open, text, line);
  }

  #readLineOfJson(text: string, line: number): boolean {
    const code = text.charCodeAt(0);
    // Only these begin such a line: a log has millions that do not.
    if (code !== 0x7b && !' \t[,->d\x1e'.includes(text.charAt(0))) return false;
    if (code === 0x5b && text.charCodeAt(1) !== 0x7b) return false;
    const json = LINE_OF_JSON.exec(text)?.[1];
    const read = json === undefined ? undefined : readJsonRecord(withoutSeparator(json.trimEnd()));
    if (read === undefined) return false;
    const { fields, damaged, rest } = read;
    this.#listener.passedOver(rest, line);
    this.#listener.record({
      message: fields.message as string,
      carrier: fields.carrier,
      line,
      lines: 1,
      ...(damaged ? { damaged: text } : {}),
    });
    return true;
  }

  #inJson(open: OpenRecord, text: string, line: number): void {
    const trimmed = text.trim();
    const { under } = open;
    if (under?.bytes !== undefined) {
      if (/^\d{1,3},?$/.test(trimmed)) {
        under.bytes.push(Number.parseInt(trimmed, 10) & 0xff);
        return;
      }
      open.fields.set(under.name, textOfBytes(under.bytes));
      open.under = undefined;
      if (/^\],?$/.test(trimmed)) return;
      open.damaged = true;
    }
    const key = KEY.exec(text);
    if (key !== null) {
      open.certain = true;
      this.#setJson(open, key[1] as string, text.slice(key[0].length).trim(), { text, line });
      return;
    }
    if (/^\}[,\]]{0,2}$/.test(trimmed)) {
      this.#end();
      return;
    }
    if (trimmed === '') return;
    if (!open.certain) {
      this.#open = undefined;
      this.#latest = undefined;
      this.#outside(text, line);
      return;
    }
    open.damaged = true;
    open.lines--;
    this.#end();
    this.#outside(text, line);
  }

  #setJson(
    open: OpenRecord,
    name: string,
    printed: string,
    place: { readonly text: string; readonly line: number },
  ): void {
    const value = printed.endsWith(',') ? printed.slice(0, -1) : printed;
    if (isMessageField(name)) open.messageLine = place.line;
    if (value === '[') {
      open.under = { name, bytes: [] };
      return;
    }
    try {
      setJsonField(open.fields, name, JSON.parse(value));
    } catch {
      open.damaged = true;
      if (value.startsWith('"')) open.fields.set(name, unescaped(value.slice(1).replace(/"$/, '')));
      else this.#listener.passedOver(place.text, place.line);
    }
    if (!isMessageField(name)) this.#listener.passedOver(place.text, place.line);
  }

  #inExport(open: OpenRecord, text: string, line: number): void {
    const { under } = open;
    if (under?.binary === 'length') {
      // Eight bytes of length, the lowest first; one of the first three may be a line feed.
      const data = text.replace(/^[\s\S]{0,4}?\0{5,7}/, '');
      if (data.length === text.length && text.length < 4) return;
      under.binary = 'data';
      open.fields.append(under.name, data);
      if (!isMessageField(under.name)) this.#listener.passedOver(text, line);
      return;
    }
    if (text === '') {
      this.#end();
      return;
    }
    const field = EXPORT_FIELD.exec(text);
    if (field !== null) {
      const name = field[1] as string;
      open.under = undefined;
      if (isMessageField(name)) open.messageLine = line;
      open.fields.set(name, text.slice(field[0].length));
      if (!isMessageField(name)) this.#listener.passedOver(text, line);
      return;
    }
    if (under === undefined && /^[A-Z_][A-Z0-9_]{0,63}$/.test(text)) {
      open.under = { name: text, binary: 'length' };
      if (isMessageField(text)) open.messageLine = line + 1;
      return;
    }
    if (under !== undefined) {
      open.fields.append(under.name, `\n${text}`);
      if (!isMessageField(under.name)) this.#listener.passedOver(text, line);
      return;
    }
    open.damaged = true;
    open.lines--;
    this.#end();
    this.#outside(text, line);
  }

  #inVerbose(open: OpenRecord, text: string, line: number): void {
    const field = VERBOSE_FIELD.exec(text);
    if (field !== null) {
      const name = field[1] as string;
      open.under = isMessageField(name) ? { name } : undefined;
      if (isMessageField(name)) open.messageLine = line;
      open.fields.set(name, text.slice(field[0].length));
      if (!isMessageField(name)) this.#listener.passedOver(text, line);
      return;
    }
    if (open.under !== undefined && text.startsWith('     ')) {
      open.fields.append(open.under.name, `\n${text.trimStart()}`);
      return;
    }
    open.lines--;
    this.#end();
    this.#outside(text, line);
  }

  #end(): void {
    const open = this.#open as OpenRecord;
    this.#open = undefined;
    this.#latest = open.form;
    if (open.under?.bytes !== undefined) open.fields.set(open.under.name, textOfBytes(open.under.bytes));
    const { fields } = open;
    const { message } = fields;
    if (message === undefined) {
      this.#blank += open.lines;
      return;
    }
    this.#listener.record({
      message,
      get carrier(): RecordCarrier {
        return fields.carrier;
      },
      line: open.messageLine ?? open.firstLine,
      lines: open.lines,
      ...(open.form === 'json' ? {} : { spread: true as const }),
      ...(open.damaged ? { damaged: message } : {}),
    });
  }
}

function openRecord(form: Form, firstLine: number, lines: number): OpenRecord {
  const fields = new RecordFields();
  return {
    ...{ form, fields, firstLine, certain: form !== 'json', damaged: false },
    ...{ messageLine: undefined, under: undefined, lines },
  };
}

/** What stands behind an object in a list on several lines. */
function withoutSeparator(json: string): string {
  let end = json.length;
  while (end > json.length - 2 && (json[end - 1] === ',' || json[end - 1] === ']')) end--;
  return json.slice(0, end);
}

/** The form of an entry that begins with this line; of fields alone only where they have its message. */
function beginsWith(text: string, latest: Form | undefined): Form | undefined {
  switch (text.charCodeAt(0)) {
    case 0x7b: // {
      return text.trimEnd() === '{' ? 'json' : undefined;
    case 0x4d: // M
    case 0x5f: // _
      return EXPORT_START.test(text) || (latest === 'export' && EXPORT_FIELD.test(text))
        ? 'export'
        : undefined;
    case 0x09:
    case 0x20: {
      if (/^[ \t]{1,8}\{\s*$/.test(text) && text.length <= 16) return 'json';
      if (VERBOSE_FIELD.test(text) && /^ {4}MESSAGE=/.test(text)) return 'verbose';
      const key = KEY.exec(text)?.[1] ?? '';
      return key === '__CURSOR' || isMessageField(key) ? 'json' : undefined;
    }
    default:
      return text.charCodeAt(text.length - 1) === 0x5d && VERBOSE_START.test(text) ? 'verbose' : undefined;
  }
}
