import type { CarriedLine } from './log-carrier.ts';

/** What an entry of a journal, or of a program that logs in JSON, says beside its message. */
export type RecordCarrier = Pick<CarriedLine, 'seconds' | 'stamp' | 'host' | 'tag' | 'level' | 'boot'>;

/** One entry of a structured log: `journalctl -o json` and its like. */
export interface LogRecord {
  /** May have several lines, and a carrier of its own where a console was logged. */
  readonly message: string;
  readonly carrier: RecordCarrier;
  /** Line of the file on which the message begins, from 1. */
  readonly line: number;
  /** Set where each line of the message is a line of the file. */
  readonly spread?: true;
  /** Lines of the file since the entry before it. */
  readonly lines: number;
  /** Set where the entry was cut or damaged, and read as far as it goes: the line, or the message, as it stands there. */
  readonly damaged?: string;
}

/**
 * Fields in which a message stands: the journal's, then those of container runtimes (`log`), of collectors (`message`,
 * `msg`, `line`) and of a cloud's serial console (`textPayload`).
 */
const MESSAGES = ['MESSAGE', 'log', 'message', 'msg', 'line', 'textPayload'];
const STAMPS = ['time', 'timestamp', '@timestamp', 'ts', 'dt'];
const HOSTS = ['_HOSTNAME', 'hostname', 'host'];
/** Names of systemd.journal-fields(7) that are of use here. */
const OTHERS = [
  '_BOOT_ID',
  '_TRANSPORT',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  'PRIORITY',
  '_SOURCE_MONOTONIC_TIMESTAMP',
  '__MONOTONIC_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
  '__REALTIME_TIMESTAMP',
];
const WANTED: ReadonlySet<string> = new Set([...MESSAGES, ...STAMPS, ...HOSTS, ...OTHERS]);
/** Of everything but messages no more is kept. */
const MAX_FIELD = 256;
const MAX_MESSAGE = 65_536;

/** Fields of an entry that are of use here; all others are passed over. */
export class RecordFields {
  readonly #fields = new Map<string, string>();

  /** False for a field that is of no use. */
  set(name: string, value: string): boolean {
    if (!WANTED.has(name)) return false;
    this.#fields.set(name, value.slice(0, isMessageField(name) ? MAX_MESSAGE : MAX_FIELD));
    return true;
  }

  /** Puts another line to a field; what is too long is left off. */
  append(name: string, text: string): void {
    this.set(name, `${this.#fields.get(name) ?? ''}${text}`);
  }

  /** Undefined where there is no message. */
  get message(): string | undefined {
    return this.#first(MESSAGES);
  }

  /** How many fields there are in which a message may stand. */
  get messages(): number {
    return MESSAGES.filter((name) => this.#fields.has(name)).length;
  }

  get carrier(): RecordCarrier {
    const seconds = this.#microseconds('_SOURCE_MONOTONIC_TIMESTAMP', '__MONOTONIC_TIMESTAMP');
    const wall = this.#microseconds('_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP');
    const stamp = wall === undefined ? this.#first(STAMPS) : new Date(wall * 1000).toISOString();
    const host = this.#first(HOSTS);
    const tag =
      this.#fields.get('_TRANSPORT') === 'kernel' ? 'kernel' : this.#first(['SYSLOG_IDENTIFIER', '_COMM']);
    const level = /^[0-7]$/.exec(this.#fields.get('PRIORITY') ?? '')?.[0];
    const boot = /^[0-9a-f]{32}$/.exec(this.#fields.get('_BOOT_ID') ?? '')?.[0];
    return {
      ...(seconds === undefined ? {} : { seconds }),
      ...(stamp === undefined ? {} : { stamp }),
      ...(host === undefined ? {} : { host }),
      ...(tag === undefined ? {} : { tag }),
      ...(level === undefined ? {} : { level: Number(level) }),
      ...(boot === undefined ? {} : { boot }),
    };
  }

  #first(names: readonly string[]): string | undefined {
    const name = names.find((one) => this.#fields.has(one));
    return name === undefined ? undefined : this.#fields.get(name);
  }

  /** Seconds; undefined where none of the fields is a number of microseconds. */
  #microseconds(...names: readonly string[]): number | undefined {
    const found = names.map((name) => this.#fields.get(name)).find((one) => /^\d{1,16}$/.test(one ?? ''));
    // 16 digits of microseconds are 317 years: each is a date.
    return found === undefined ? undefined : Number(found) / 1e6;
  }
}

/** True for a field in which a message may stand. */
export function isMessageField(name: string): boolean {
  return MESSAGES.includes(name);
}
