import { crashLogs } from './crash-logs.ts';

interface Entry {
  readonly [name: string]: string;
  readonly MESSAGE: string;
}

type Carrier = (lines: readonly string[]) => string;

const entryOf = (line: string, index: number): Entry => ({
  __CURSOR: `s=6d;i=${index}`,
  __MONOTONIC_TIMESTAMP: String(2_000_000 + index),
  MESSAGE: line,
  PRIORITY: '3',
  SYSLOG_IDENTIFIER: 'kernel',
  _BOOT_ID: '0f'.repeat(16),
  _TRANSPORT: 'kernel',
});

/** Carriers in which damage can do most: those that have a grammar of their own. */
const carriers: readonly Carrier[] = [
  (lines) => lines.map((line, index) => `${JSON.stringify(entryOf(line, index))}\n`).join(''),
  (lines) => lines.map((line, index) => `${JSON.stringify(entryOf(line, index), null, '\t')}\n`).join(''),
  (lines) => lines.map((line, index) => `data: ${JSON.stringify(entryOf(line, index))}\n\n`).join(''),
  (lines) => lines.map((line, index) => `${exported(entryOf(line, index))}\n`).join(''),
  (lines) => lines.map((line) => `${JSON.stringify({ log: `${line}\n`, stream: 'stdout' })}\n`).join(''),
  (lines) => lines.map((line, index) => fragments(line, index)).join(''),
  (lines) =>
    [lines.slice(60), lines.slice(0, 60)]
      .map((part, index) => `Panic#1 Part${index + 1}\n${part.map((line) => `<3>${line}\n`).join('')}`)
      .join(''),
  (lines) => lines.map((line, index) => `\x1b[${index % 24};1H\x1b[32m${line}\x1b[0m\0\r\n`).join(''),
];

function exported(entry: Entry): string {
  const message = entry.MESSAGE;
  const binary = `MESSAGE\n${String.fromCharCode(message.length & 0x7f)}\0\0\0\0\0\0\0${message}\n`;
  return Object.entries(entry)
    .map(([name, value]) => (name === 'MESSAGE' ? binary : `${name}=${value}\n`))
    .join('');
}

function fragments(line: string, index: number): string {
  const message = line.replace(/^\[[^\]]*\] /, '');
  const head = `6,${index},${index * 1000},-`;
  if (message.length < 60) return `${head};${message}\n`;
  const of = `/${message.length};`;
  return `${head},ncfrag=0${of}${message.slice(0, 60)}${head},ncfrag=60${of}${message.slice(60)}\n`;
}

/** The laboratory's own logs in carriers that have a grammar: journals in JSON and for export, packets, records of pstore. */
export function carriedLogs(): string[] {
  const logs = crashLogs().map((log) => log.split('\n').slice(-140));
  return carriers.map((carrier, index) => carrier(logs[index % logs.length] as string[]));
}
