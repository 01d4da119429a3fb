import { stripLogCarrier } from '@quiesce/machine';

/** What a kernel printed, and when. */
export interface Said {
  readonly seconds: number | undefined;
  readonly text: string;
}

/** Puts a whole log into a carrier. */
export type Carrier = (lines: readonly string[]) => string | Uint8Array;

const START = Date.UTC(2026, 4, 22, 9, 34, 59);
const BOOTS = ['0f'.repeat(16), '1e'.repeat(16), '2d'.repeat(16), '3c'.repeat(16)];

/** Parts lines into times and messages; a line without a time was printed with the one before. */
export function saidIn(lines: readonly string[]): Said[] {
  return lines.map((line) => {
    const { seconds, message } = stripLogCarrier(line);
    return seconds === undefined ? { seconds, text: line } : { seconds, text: message };
  });
}

const iso = (seconds = 0): string => new Date(START + seconds * 1000).toISOString();
const stamp = (seconds = 0): string => `[${seconds.toFixed(6).padStart(12)}]`;
const syslog = (seconds = 0): string =>
  `May ${new Date(START + seconds * 1000).toUTCString().slice(5, 7)} ${iso(seconds).slice(11, 19)}`;

/** Each line as it is, behind or within something. */
const around = (wrap: (line: string, index: number) => string, end = '\n'): Carrier => {
  return (lines) => lines.map((line, index) => `${wrap(line, index)}${end}`).join('');
};

/** Each message with its time in another form. */
const instead = (wrap: (said: Said, index: number) => string): Carrier => {
  return (lines) =>
    saidIn(lines)
      .map((said, index) => `${wrap(said, index)}\n`)
      .join('');
};

interface Entry {
  readonly [name: string]: string;
  readonly MESSAGE: string;
}

/** Fields of a journal's entries, in the order of hashes. */
function entries(lines: readonly string[]): Entry[] {
  let boot = 0;
  let latest = 0;
  return saidIn(lines).map(({ seconds = latest, text }, index) => {
    if (latest - seconds > 3 && seconds < 3) boot++;
    latest = seconds;
    const microseconds = String(Math.round(seconds * 1e6));
    return {
      __CURSOR: `s=6d;i=${index}`,
      __REALTIME_TIMESTAMP: String((START + boot * 4e6) * 1000 + Number(microseconds)),
      __MONOTONIC_TIMESTAMP: '2100000',
      _SOURCE_MONOTONIC_TIMESTAMP: microseconds,
      PRIORITY: '3',
      SYSLOG_IDENTIFIER: 'kernel',
      MESSAGE: text,
      _HOSTNAME: 'host',
      _BOOT_ID: BOOTS[boot] as string,
      _TRANSPORT: 'kernel',
    };
  });
}

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];
const withBytes = (entry: Entry): object => ({
  ...entry,
  MESSAGE: bytesOf(entry.MESSAGE),
});
/** As systemd prints it: a tabulator, and a blank before the colon. */
const pretty = (entry: object): string => JSON.stringify(entry, null, '\t').replace(/^(\t"\w+"):/gm, '$1 :');

function exported(binary: boolean): Carrier {
  return (lines) => {
    const pieces: Uint8Array[] = [];
    const put = (text: string): number => pieces.push(new TextEncoder().encode(text));
    for (const entry of entries(lines)) {
      for (const [name, value] of Object.entries(entry)) {
        if (name !== 'MESSAGE' || !binary) {
          put(`${name}=${value}\n`);
          continue;
        }
        const bytes = bytesOf(value);
        put(`${name}\n`);
        const length = new Uint8Array(8);
        new DataView(length.buffer).setUint32(0, bytes.length, true);
        pieces.push(length, Uint8Array.from(bytes));
        put('\n');
      }
      put('\n');
    }
    return joined(pieces);
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Parts of 4 KB, the latest first, each below its heading. */
const pstore: Carrier = (lines) => {
  const parts: string[] = [];
  let part = '';
  for (const line of [...lines].reverse()) {
    if (part.length + line.length > 4000) {
      parts.push(part);
      part = '';
    }
    part = `<6>${line}\n${part}`;
  }
  return [...parts, part].map((text, index) => `Panic#1 Part${index + 1}\n${text}`).join('');
};

/** Messages in packets of 60 bytes. */
const netconsole: Carrier = instead(({ seconds = 0, text }, index) => {
  const head = `6.4.0,6,${index},${Math.round(seconds * 1e6)},-`;
  if (text.length <= 60 || /[^ -~]/.test(text)) return `${head};${text}`;
  const packets = text.match(/.{1,60}/g) ?? [];
  return packets
    .map((packet, at) => `${head},ncfrag=${at * 60}/${text.length};${packet}`)
    .join(index % 2 === 0 ? '' : '\n');
});

/** Lines that older kernels print together with the one before: one record of the kernel. */
function records(lines: readonly string[], lineFeed: string): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last !== undefined && /^\s*(?:DMAR|INTR-REMAP): ?\[fault reason/.test(line))
      joined[joined.length - 1] = `${last}${lineFeed}${line}`;
    else joined.push(line);
  }
  return joined;
}

/** Carriers that keep each line as it is, stamps and all: any log may come in them. */
export const carriersAround: Readonly<Record<string, Carrier>> = {
  'records of two lines in JSON': (lines) =>
    records(lines, '\n')
      .map((line) => `${JSON.stringify({ MESSAGE: line })}\n`)
      .join(''),
  'records of two lines in vmcore-dmesg': (lines) => records(lines, '\\x0a').join('\n'),
  CRLF: around((line) => line, '\r\n'),
  'NULs and colours': around((line) => `\0\0\x1b[32m\x1b[1m${line.slice(0, 20)}\x1b[0m${line.slice(20)}\0`),
  'a typescript': (lines) =>
    `Script started on 2026-05-22 09:34:59+02:00 [TERM="xterm"]\n\x1b]0;root@host:~\x07\x1b[?2004h# dmsg\b\besg\r\n\x1b[?2004l\r${lines.join('\r\n')}\r\n\x1b(B\x1b[mScript done\n`,
  'serial over LAN': (lines) =>
    `[SOL Session operational.  Use ~? for help]\r\n${lines.join('\x1b[K\r\n\r')}\r\n\x1b[24;1H`,
  'a screen that is positioned': (lines) =>
    lines
      .map((line, index) => `\x1b[${(index % 24) + 1};1H\x1b[2K${line}${index % 8 === 7 ? '\n' : ''}`)
      .join(''),
  'UTF-16': (lines) =>
    new Uint8Array(Uint16Array.from(`\ufeff${lines.join('\r\n')}`, (one) => one.charCodeAt(0)).buffer),
  'quoted mail': around((line) => `> ${line}`),
  containerd: around((line, index) => `${iso(index)} stdout F ${line}`),
  'a build server': around((line, index) => `${iso(index).replace('Z', '4567Z')} ${line}`),
  docker: around((line, index) => JSON.stringify({ log: `${line}\r\n`, stream: 'stdout', time: iso(index) })),
  LAVA: around((line, index) => `- ${JSON.stringify({ dt: iso(index), lvl: 'target', msg: line })}`),
  'a console in journalctl -o json': around((line, index) =>
    JSON.stringify({
      MESSAGE: line,
      __REALTIME_TIMESTAMP: String((START + index) * 1000),
      _COMM: 'conserver',
    }),
  ),
  jq: (lines) =>
    JSON.stringify(
      lines.map((line) => ({ message: line, level: 'info' })),
      null,
      2,
    ),
};

/** Carriers that tell the time in their own way: for logs of kernels with stamps. */
export const carriersInstead: Readonly<Record<string, Carrier>> = {
  'journalctl -o json': (lines) =>
    entries(lines)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(''),
  'journalctl -o json, bytes': (lines) =>
    entries(lines)
      .map((entry) => `${JSON.stringify(withBytes(entry))}\n`)
      .join(''),
  'journalctl -o json-sse': (lines) =>
    entries(lines)
      .map((entry) => `data: ${JSON.stringify(entry)}\n\n`)
      .join(''),
  'journalctl -o json-seq': (lines) =>
    entries(lines)
      .map((entry) => `\x1e${JSON.stringify(entry)}\n`)
      .join(''),
  'journalctl -o json-pretty': (lines) =>
    entries(lines)
      .map((entry) => `${pretty(entry)}\n`)
      .join(''),
  'journalctl -o json-pretty, bytes': (lines) =>
    entries(lines)
      .map((entry) => `${pretty(withBytes(entry))}\n`)
      .join(''),
  'journalctl -o export': exported(false),
  'journalctl -o export, binary': exported(true),
  'journalctl -o verbose': (lines) =>
    entries(lines)
      .map((entry) => {
        const fields = Object.entries(entry).filter(([name]) => !name.startsWith('__'));
        const text = fields.map(([name, value]) => `    ${name}=${value}\n`).join('');
        return `Fri 2026-05-22 09:34:59.123456 CEST [s=6d6d;i=1;b=0f;m=1;t=2;x=3]\n${text}`;
      })
      .join(''),
  'journalctl -o short-monotonic': instead(({ seconds, text }) => `${stamp(seconds)} host kernel: ${text}`),
  'syslog with stamps': instead(
    ({ seconds, text }) => `${syslog(seconds)} host kernel: ${stamp(seconds)} ${text}`,
  ),
  'dmesg --decode': instead(({ seconds, text }) => `kern  :err   : ${stamp(seconds)} ${text}`),
  'dmesg --raw': instead(({ seconds, text }) => `<3>${stamp(seconds)} ${text}`),
  CONFIG_PRINTK_CALLER: instead(({ seconds, text }) => `${stamp(seconds)}[    T1] ${text}`),
  'crash> log -m': (lines) =>
    `crash> log -m\n${saidIn(lines)
      .map(({ seconds, text }) => `${stamp(seconds)} <6>${text}\n`)
      .join('')}crash> quit\n`,
  '/dev/kmsg': instead(
    ({ seconds = 0, text }, index) => `6,${index},${Math.round(seconds * 1e6)},-;${text}\n SUBSYSTEM=pci`,
  ),
  netconsole: netconsole,
};

/** Of one kernel only: its records in pstore. */
export const carrierOfPstore: Carrier = pstore;

/** Carriers of kernels that name themselves, without a time since boot. */
export const carriersWithoutTime: Readonly<Record<string, Carrier>> = {
  'journalctl -o cat': instead(({ text }) => text),
  'journalctl -o short': instead(({ seconds, text }) => `${syslog(seconds)} host kernel: ${text}`),
  'journalctl -o short-iso-precise': instead(
    ({ seconds, text }) => `${iso(seconds).replace('Z', '000+0000')} host kernel: ${text}`,
  ),
  'journalctl -o short-unix': instead(
    ({ seconds = 0, text }) => `${(START / 1000 + seconds).toFixed(6)} host kernel: ${text}`,
  ),
  'journalctl -o short-full': instead(({ text }) => `Fri 2026-05-22 09:34:59 CEST host kernel: ${text}`),
  'dmesg -T': instead(({ text }) => `[Fri May 22 09:34:59 2026] ${text}`),
  'crash> log -T': instead(({ text }) => `[Fri May 22 09:34:59 CEST 2026] ${text}`),
  'RFC 5424': instead(({ seconds, text }) => `<3>1 ${iso(seconds)} host kernel - - - ${text}`),
};
