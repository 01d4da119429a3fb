import { isMessageField, RecordFields } from './log-record.ts';

/** A name and its value, in JSON that was cut or damaged: text, bytes or a number. */
const FIELD =
  /"([^"\\]{1,64})"[ \t]{0,4}:[ \t]{0,4}(?:"((?:[^"\\]|\\[\s\S])*)"?|\[([\d,\s]*)|(-?\d{1,20}(?:\.\d{1,20})?))/g;
/** Of these an entry has one. */
const ONCE = ['"MESSAGE":', '"_BOOT_ID":', '"PRIORITY":', '"log":'];
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g;
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** What a line of JSON came to. */
export interface JsonRecord {
  readonly fields: RecordFields;
  /** It is no sound JSON, and was read as far as it goes. */
  readonly damaged: boolean;
  /** Texts of fields that are of no use: nothing that matters should stand there. */
  readonly rest: string;
}

/** Reads an object of JSON on one line; undefined where it has no message. */
export function readJsonRecord(text: string): JsonRecord | undefined {
  const whole = parsedObject(text);
  const fields = whole === undefined ? readDamaged(text) : new RecordFields();
  const rest: string[] = [];
  for (const [name, value] of Object.entries(whole ?? {})) {
    setJsonField(fields, name, value);
    // The message as a program sent it, where journald changed it.
    if (typeof value === 'string' && !isMessageField(name) && name !== 'SYSLOG_RAW') rest.push(value);
  }
  // What has a field twice is what is left of two entries, of which JSON.parse keeps one.
  const damaged = whole === undefined || fields.messages > 1 || ONCE.some((name) => hasTwice(text, name));
  return fields.message === undefined ? undefined : { fields, damaged, rest: rest.join(' ') };
}

/**
 * Sets a field from a value of JSON: a text, a number, a list of bytes (how journalctl prints what is no text), or a list
 * of texts (a field that an entry has more than once).
 */
export function setJsonField(fields: RecordFields, name: string, value: unknown): boolean {
  if (typeof value === 'string') return fields.set(name, value);
  if (typeof value === 'number') return fields.set(name, String(value));
  if (!Array.isArray(value)) return false;
  if (value.every((one) => typeof one === 'string')) return fields.set(name, value.join('\n'));
  return value.every(isByte) && fields.set(name, textOfBytes(value));
}

/** Text of a list of bytes. */
export function textOfBytes(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Takes escapes off a text of JSON that JSON.parse refuses. */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, code: string | undefined, letter: string) =>
    code === undefined ? (CONTROLS[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function hasTwice(text: string, words: string): boolean {
  const first = text.indexOf(words);
  return first >= 0 && text.includes(words, first + words.length);
}

function parsedObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return;
  }
}

function readDamaged(text: string): RecordFields {
  const fields = new RecordFields();
  for (const found of text.matchAll(FIELD)) {
    const name = found[1] as string;
    const [string, list, number] = [found[2], found[3], found[4]];
    if (string !== undefined) fields.set(name, unescaped(string));
    else if (list !== undefined) setJsonField(fields, name, bytesOf(list));
    else fields.set(name, number as string);
  }
  return fields;
}

function bytesOf(list: string): number[] {
  return list.split(',').flatMap((one) => (one.trim() === '' ? [] : Number(one)));
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}
