/** A line of a log, parted into what carried it and what the kernel said. */
export interface CarriedLine {
  /** What is left when quoting, indentation, stamps, host and tag are taken off; trailing blanks are kept. */
  readonly message: string;
  /** Where the message starts in the line, in UTF-16 code units. */
  readonly start: number;
  /** Seconds since boot, from `[    1.503892]`. */
  readonly seconds?: number;
  /** A time of day or date as printed, or the difference of `dmesg --reltime`. */
  readonly stamp?: string;
  readonly host?: string;
  /** Who spoke: `kernel`, or a program (`systemd`, `kdumpctl`); undefined where the carrier names nobody. */
  readonly tag?: string;
  /** Thread or processor of CONFIG_PRINTK_CALLER, `T812` or `C1`. */
  readonly caller?: string;
  /** 0 .. 7 of `<3>`, facility bits taken off. */
  readonly level?: number;
  /** Boot ID of a journal's entry, 32 hexadecimal digits. */
  readonly boot?: string;
  /** How many parts the carrier has, quoting aside; undefined where there is none. */
  readonly parts?: number;
  /** Depth of mail quoting: how many `>` stand in front. */
  readonly quoted: number;
  /** A Xen hypervisor line, `(XEN) …`. */
  readonly xen: boolean;
  /** Columns of indentation before the message, where no stamp stands on the line. */
  readonly indent: number;
}

type Draft = { -readonly [K in keyof CarriedLine]: CarriedLine[K] };

/** More than a carrier has; what is longer is a message that only looks like one. */
const MAX_PARTS = 12;

const MONOTONIC = /\[ {0,12}(\d{1,9})[.,](\d{1,9})(?: < {0,12}\d{1,9}\.\d{1,9} >)?\] ?/y;
/** As above with the bracket or more lost on the way: `    8.490167] `. */
const MONOTONIC_WITHOUT_BRACKET = / {0,12}(\d{1,9})\.(\d{6})\] /y;
const CALLER = /\[ {0,8}([TC]\d{1,10})\] ?/y;
const RELATIVE = /\[ {0,12}(\+\d{1,9}[.,]\d{1,9})\] ?/y;
const LEVEL = /<(\d{1,3})>(?:1 (?=\d{4}-))?/y;
/**
 * `[Fri May 22 09:34:59 2026]`, `[May22 09:34]` (dmesg -e), `[09:34:59]`, `[2026-05-22 09:34:59]`,
 * `[Fri May 22 09:34:59 CEST 2026]` (crash's `log -T`), `[2026-05-22T09:34:59.123Z]` (of build servers).
 */
const BRACKETED_DATE =
  /\[ {0,4}((?:[^\s\]\d]{2,5}\.? {1,2})?(?:(?:[^\s\]\d]{3,5}\.? ?\d{1,2} |\d{4}-\d\d-\d\d[T ])\d\d:\d\d(?::\d\d)?|\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?(?: [A-Z]{2,5})?(?: \d{4})?(?:Z|[+-]\d\d:?\d\d)?)\] ?/y;
const ISO =
  /(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d| [A-Z]{2,5})?):? /y;
const SYSLOG = /([^\s\d<>[\]():=.]{3,5}\.? {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?) /y;
const TIME_OF_DAY = /(\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) (?=\[|<|[A-Z(])/y;
/** A counter or clock of what recorded a console, before the kernel's own stamp. */
const COUNTER = /(\d{1,13}(?:\.\d{1,9})?)[ \t]{1,4}(?=\[ {0,12}\d{1,9}\.\d)/y;
const UNIX_TIME = /(\d{9,10}\.\d{3,9}) (?=\S+ \S+: )/y;
/** `dmesg --decode`: facility and level in words. */
const DECODED = /(?:kern|user|daemon|syslog) {0,6}:(emerg|alert|crit|err|warn|notice|info|debug) {0,6}: /y;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
/** /dev/kmsg and netconsole: a release perhaps, level and facility, sequence number, microseconds, flags. */
const KMSG = /(?:\d{1,2}\.\d{1,3}[\w.+~-]{0,80},)?(\d{1,4}),(\d{1,12}),(\d{1,16}),[-c+](?:,[^;]{0,200})?;/y;
const HOST_AND_TAG = /([^\s:[\]]{1,255}) ([A-Za-z_][\w./@\\-]{0,127})(?:\[\d{1,10}\])?: ?/y;
/** Behind the date: the stream and the flag of a container's log, or of a build server's. */
const STREAM = /(?:std(?:out|err) [FP]|\d\d[OE][+ ]?) ?/y;
/** Before it: a pod, or a service of a composition. */
const POD = /\[pod\/[^\]\s]{1,200}\] ?/y;
const SERVICE = /[\w.-]{1,80} {1,40}\| (?=\[ {0,12}\d|<\d)/y;
const STRUCTURED_HOST = /([^\s:[\]]{1,255}) ([A-Za-z_][\w./-]{0,63}) (?:\d{1,10}|-) - (?:- )?/y;
const KERNEL_TAG = /(?:([^\s:[\]]{1,255}) )?kernel(?:\[\d{1,10}\])?: ?/y;

/**
 * Takes off what log daemons, terminals and mails put before a kernel's message: quoting, indentation, `<3>`,
 * seconds since boot, `[  T812]`, dates in the forms of dmesg, syslog, RFC 5424 and journal, `host kernel: `,
 * `(XEN) `. A line without any of it comes back as it is.
 *
 * Never throws, and takes time in proportion to the carrier only.
 */
export function stripLogCarrier(line: string): CarriedLine {
  const draft: Draft = { message: line, start: 0, quoted: 0, xen: false, indent: 0 };
  let at = skipQuotes(line, draft);
  let afterDate = false;
  let indent = 0;
  for (let part = 0; part < MAX_PARTS; part++) {
    const blanks = at;
    at = skipBlanks(line, at);
    const from = at;
    if (part === 0) indent = at - blanks;
    const kind = stripPart(line, at, draft, afterDate);
    if (kind === undefined) {
      // Blanks between a carrier and its message belong to the message: that is how continuation lines are told.
      if (part > 0) at = blanks;
      break;
    }
    at = partEnd;
    afterDate = kind === 'date' || (kind === 'level' && afterDate);
    if (part === 0) indent = 0;
    draft.parts = part + 1;
    if (at === from) break;
  }
  if (at === 0) return draft;
  draft.start = at;
  draft.message = line.slice(at);
  draft.indent = indent;
  return draft;
}

/** Where the part ended that `stripPart` took last. */
let partEnd = 0;

function match(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  const found = pattern.exec(line);
  if (found !== null) partEnd = pattern.lastIndex;
  return found;
}

/** Takes one part of a carrier at `at`; says what it was. The first character decides what is tried. */
function stripPart(line: string, at: number, draft: Draft, afterDate: boolean): string | undefined {
  const first = line.charCodeAt(at);
  if (first === 0x5b) return stripBracket(line, at, draft);
  if (first === 0x3c) {
    const level = match(LEVEL, line, at);
    if (level === null) return;
    draft.level = Number(level[1]) & 7;
    return 'level';
  }
  if (first === 0x28 && line.startsWith('(XEN)', at)) {
    draft.xen = true;
    partEnd = line.charCodeAt(at + 5) === 0x20 ? at + 6 : at + 5;
    return 'xen';
  }
  // Only `stdout F` and the numbers of a build server's streams begin like this behind a date.
  if (afterDate && (first === 0x73 || first <= 0x39) && match(STREAM, line, at) !== null) return 'container';
  if (first >= 0x30 && first <= 0x39) return stripDigits(line, at, draft);
  return stripWords(line, at, draft, afterDate);
}

function stripBracket(line: string, at: number, draft: Draft): string | undefined {
  let found = match(MONOTONIC, line, at);
  if (found !== null) {
    draft.seconds = Number(`${found[1]}.${found[2]}`);
    return 'seconds';
  }
  found = match(CALLER, line, at);
  if (found !== null) {
    draft.caller = found[1] as string;
    return 'caller';
  }
  found = match(RELATIVE, line, at) ?? match(BRACKETED_DATE, line, at);
  if (found === null) return match(POD, line, at) === null ? undefined : 'container';
  draft.stamp = found[1] as string;
  return 'bracketed-date';
}

function stripDigits(line: string, at: number, draft: Draft): string | undefined {
  let found = match(ISO, line, at);
  if (found !== null) {
    draft.stamp = found[1] as string;
    // dmesg writes a comma and no host; a host's name is not looked for among the words of the message.
    return found[2]?.startsWith(',') ? 'dmesg-date' : 'date';
  }
  found = match(MONOTONIC_WITHOUT_BRACKET, line, at);
  if (found !== null) {
    draft.seconds = Number(`${found[1]}.${found[2]}`);
    return 'seconds';
  }
  found = match(KMSG, line, at);
  if (found !== null) {
    draft.level = Number(found[1]) & 7;
    draft.seconds = Number(found[3]) / 1e6;
    return 'seconds';
  }
  found = match(UNIX_TIME, line, at) ?? match(TIME_OF_DAY, line, at) ?? match(COUNTER, line, at);
  if (found === null) return;
  draft.stamp = found[1] as string;
  return 'date';
}

function stripWords(line: string, at: number, draft: Draft, afterDate: boolean): string | undefined {
  let found = match(KERNEL_TAG, line, at);
  if (found !== null && (found[1] === undefined || afterDate || draft.seconds !== undefined)) {
    if (found[1] !== undefined) draft.host = found[1];
    draft.tag = 'kernel';
    return 'tag';
  }
  if (afterDate) {
    found = match(HOST_AND_TAG, line, at) ?? match(STRUCTURED_HOST, line, at);
    if (found !== null) {
      draft.host = found[1] as string;
      draft.tag = found[2] as string;
      return 'tag';
    }
  }
  found = match(DECODED, line, at);
  if (found !== null) {
    draft.level = LEVELS.indexOf(found[1] as string);
    return 'level';
  }
  found = match(ISO, line, at) ?? match(SYSLOG, line, at);
  if (found === null) return match(SERVICE, line, at) === null ? undefined : 'container';
  draft.stamp = found[1] as string;
  return 'date';
}

/** Mail quoting: `> `, `>> `, ` > > `. */
function skipQuotes(line: string, draft: Draft): number {
  let at = 0;
  for (;;) {
    const next = skipBlanks(line, at);
    if (line.charCodeAt(next) !== 0x3e) return at;
    draft.quoted++;
    at = next + 1;
  }
}

/** Blanks, tabs, and the no-break space of mails. */
function skipBlanks(line: string, at: number): number {
  let next = at;
  for (;;) {
    const code = line.charCodeAt(next);
    if (code !== 0x20 && code !== 0x09 && code !== 0xa0) return next;
    next++;
  }
}
