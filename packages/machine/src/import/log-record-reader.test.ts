import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogRecord } from './log-record.ts';
import { LogRecordReader } from './log-record-reader.ts';

function read(text: string): { records: LogRecord[]; plain: [string, number][]; passedOver: string[] } {
  const read = { records: [] as LogRecord[], plain: [] as [string, number][], passedOver: [] as string[] };
  const reader = new LogRecordReader({
    record: (record) => read.records.push(record),
    plain: (line, number) => read.plain.push([line, number]),
    passedOver: (line) => read.passedOver.push(line),
  });
  for (const [index, line] of text.split('\n').entries()) reader.take(line, index + 1);
  reader.finish();
  return read;
}

const BOOT = 'ab'.repeat(16);
const carrier = {
  seconds: 1.852352,
  stamp: '2026-05-22T09:34:59.123Z',
  host: 'kvmhost',
  tag: 'kernel',
  level: 3,
  boot: BOOT,
};
const fields = {
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1779442499123456',
  __MONOTONIC_TIMESTAMP: '2100000',
  _BOOT_ID: BOOT,
  _TRANSPORT: 'kernel',
  SYSLOG_IDENTIFIER: 'kernel',
  PRIORITY: '3',
  _HOSTNAME: 'kvmhost',
  MESSAGE: 'DMAR: "a"',
  _SOURCE_MONOTONIC_TIMESTAMP: '1852352',
};

it('reads an entry of a journal on one line', () => {
  const expected = [{ message: 'DMAR: "a"', carrier, line: 1, lines: 1 }];
  const json = JSON.stringify(fields);
  for (const before of ['', 'data: ', '- ', '\x1e', '> '])
    expect(read(before + json).records).toEqual(expected);
  expect(read(`[${json}]`).records).toEqual(expected);
  expect(read(`${json},`).records).toEqual(expected);
});

it('reads an entry on several lines, and says where its message stands', () => {
  const pretty = JSON.stringify(fields, null, '\t').replace(/^(\t"\w+"):/gm, '$1 :');
  expect(read(`${pretty}\n${pretty}\n`).records).toEqual([
    { message: 'DMAR: "a"', carrier, line: 10, lines: 12 },
    { message: 'DMAR: "a"', carrier, line: 22, lines: 12 },
  ]);
  const exported = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  expect(read(`${exported}\n${exported}\n`).records).toEqual([
    { message: 'DMAR: "a"', carrier, line: 9, lines: 11, spread: true },
    { message: 'DMAR: "a"', carrier, line: 20, lines: 11, spread: true },
  ]);
});

it('reads messages that are lists of bytes or binary data', () => {
  const bytes = [...new TextEncoder().encode('é\nb')];
  expect(read(`{"MESSAGE":[${bytes}]}`).records[0]?.message).toBe('é\nb');
  expect(read(JSON.stringify({ MESSAGE: bytes }, null, 2)).records[0]?.message).toBe('é\nb');
  expect(read('{"MESSAGE":["one","two"]}').records[0]?.message).toBe('one\ntwo');
  expect(read(`__CURSOR=s=1\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=6\n\n`).records).toEqual([
    { message: 'a\nb', carrier: { level: 6 }, line: 3, lines: 6, spread: true },
  ]);
  // Ten bytes: the length itself holds a line feed.
  expect(read(`__CURSOR=s=1\nMESSAGE\n\n\0\0\0\0\0\0\0abcdefghij\n\n`).records[0]?.message).toBe(
    'abcdefghij',
  );
});

it('tells who spoke and when as far as an entry says it', () => {
  const { records } = read(
    [
      '{"log":"a\\n","stream":"stdout","time":"2026-05-22T09:34:59.1Z"}',
      '{"MESSAGE":"b","_COMM":"kdumpctl","__MONOTONIC_TIMESTAMP":"5000000","PRIORITY":"9"}',
      '{"textPayload":"c","timestamp":1}',
    ].join('\n'),
  );
  expect(records.map((one) => [one.message, one.carrier])).toEqual([
    ['a\n', { stamp: '2026-05-22T09:34:59.1Z' }],
    ['b', { tag: 'kdumpctl', seconds: 5 }],
    ['c', { stamp: '1' }],
  ]);
});

it('reads what is left of an entry', () => {
  const json = JSON.stringify(fields);
  const cut = json.slice(0, json.indexOf('DMAR') + 4);
  expect(read(cut).records).toMatchObject([{ message: 'DMAR', damaged: cut, carrier: { host: 'kvmhost' } }]);
  expect(read(`${json}x`).records).toMatchObject([{ message: 'DMAR: "a"', damaged: `${json}x`, carrier }]);
  const pretty = JSON.stringify(fields, null, '\t').split('\n');
  expect(read(pretty.slice(0, 10).join('\n')).records).toMatchObject([{ damaged: 'DMAR: "a"', line: 10 }]);
  // A piece of a log that begins within an entry.
  expect(read(pretty.slice(9).join('\n')).records).toMatchObject([
    { message: 'DMAR: "a"', line: 1, lines: 3 },
  ]);
  expect(read('MESSAGE=DMAR\nPRIORITY=3\n\n').records).toMatchObject([
    { message: 'DMAR', carrier: { level: 3 } },
  ]);
});

it('tells two entries apart between which lines were lost', () => {
  const pretty = '{\n\t"MESSAGE" : "a",\n\t"MESSAGE" : "b"\n}';
  const exported = '__CURSOR=s=1\nMESSAGE=a\nMESSAGE\n\x01\0\0\0\0\0\0\0b\n\n';
  for (const [text, line] of [
    [pretty, 3],
    [exported, 4],
  ] as const) {
    expect(read(text).records).toMatchObject([
      { message: 'a', line: 2, damaged: 'a' },
      { message: 'b', line },
    ]);
  }
});

it('says of an object with two messages that it was damaged', () => {
  for (const json of ['{"MESSAGE":"a","X":1,"MESSAGE":"b"}', '{"log":"a","MESSAGE":"b"}'])
    expect(read(json).records).toMatchObject([{ message: 'b', damaged: json }]);
});

it('hands on what is of no entry', () => {
  const text = 'a\n{\nb\n{"x":1}\n}\n{"MESSAGE":"c"}\n\td';
  const { records, plain } = read(text);
  expect(records.map((one) => one.message)).toEqual(['c']);
  expect(plain).toEqual([
    ['a', 1],
    ['b', 3],
    ['{"x":1}', 4],
    ['}', 5],
    ['\td', 7],
  ]);
});

it('accounts for every line, whatever it gets', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '',
      '\t"MESSAGE" : [',
      '\t"MESSAGE" : "a",',
      '1,',
      '\t"X" : 1',
      'data: {"log":"x"}',
    ),
    fc.constantFrom(
      '__CURSOR=s=1',
      'MESSAGE',
      'MESSAGE=x',
      'X=1',
      '    MESSAGE=x',
      '\x01\0\0\0\0\0\0\0x',
      `{"MESSAGE":"${'\\"'.repeat(20)}`,
    ),
    fc.constant('Fri 2026-05-22 09:34:59.123456 CEST [s=6d;i=1;b=0f]'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const clean = lines.map((one) => one.replaceAll('\n', ''));
      const { records, plain, passedOver } = read(clean.join('\n'));
      const numbers = [...records.map((one) => one.line), ...plain.map(([, number]) => number)];
      for (const number of numbers) expect(number).toBeLessThanOrEqual(Math.max(1, clean.length));
      const counted = records.reduce((sum, one) => sum + one.lines, 0);
      expect(counted + plain.length).toBeLessThanOrEqual(Math.max(1, clean.length));
      expect(passedOver.length).toBeLessThanOrEqual(clean.length);
    }),
    { numRuns: 300 },
  );
});

it('takes no more than its time for lines that are made to be slow', () => {
  const slow = [
    `{"MESSAGE":"${'\\'.repeat(60_000)}`,
    `{"MESSAGE":${'"a":'.repeat(15_000)}`,
    `{"MESSAGE":[${'1 '.repeat(30_000)}`,
    `{"MESSAGE":"a"${' '.repeat(60_000)}x`,
    `data: ${' '.repeat(60_000)}{`,
    `\t"MESSAGE" : ${'"'.repeat(60_000)}`,
    `${'> '.repeat(30_000)}{"`,
    `Fri 2026-05-22 09:34:59 ${'[s=0;'.repeat(12_000)}]`,
    `    MESSAGE=${' '.repeat(60_000)}`,
  ];
  expect(read(new Array(10).fill(slow).flat().join('\n')).plain.length).toBeGreaterThan(0);
});
