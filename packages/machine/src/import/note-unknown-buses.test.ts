import { expect, it } from 'vitest';
import { importMachine } from './import-machine.ts';

const notesOf = (...lines: string[]): unknown[] =>
  importMachine({ lspci: lines.join('\n') }, { name: 'x', files: { lspci: 'lspci.txt' } })
    .notes.filter(({ message }) => message.includes('which buses'))
    .map(({ file, line, message }) => [file, line, message]);

it('says that nobody knows what stands below bridges of a bare list', () => {
  expect(notesOf('00:00.0 0600: 8086:29c0', '00:1c.0 0604: 8086:2940', '00:1e.0 0604: 8086:244e')).toEqual([
    ['lspci.txt', 2, 'the capture does not say which buses 2 bridges lead to: lspci -t or -v would'],
  ]);
});

it('has nothing to say where the buses are known, or where there is no bridge', () => {
  expect(
    notesOf('00:1c.0 0604: 8086:2940', '\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0'),
  ).toEqual([]);
  expect(notesOf('00:00.0 0600: 8086:29c0')).toEqual([]);
});
