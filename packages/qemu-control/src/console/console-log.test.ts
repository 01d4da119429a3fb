import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { ConsoleLog } from './console-log.ts';

it('cuts lines, drops carriage returns, and finds what has come and what comes', async () => {
  const stream = new PassThrough();
  const log = new ConsoleLog(stream);
  stream.write('Linux version 6.1\r\nKernel pa');
  await new Promise(setImmediate);
  expect(log.lines.map(({ text }) => text)).toEqual(['Linux version 6.1']);
  expect((await log.waitFor(/version (\S+)/, 100))[1]).toBe('6.1');
  const panic = log.waitFor(/^Kernel panic/, 1000);
  stream.end('nic - not syncing\nlast');
  expect((await panic)[0]).toBe('Kernel panic');
  await new Promise(setImmediate);
  expect(log.lines.at(-1)?.text).toBe('last');
});

it('what does not come is a time-out that names the pattern; lines before the first to look at do not count', async () => {
  const stream = new PassThrough();
  const log = new ConsoleLog(stream);
  stream.write('ready\n');
  await new Promise(setImmediate);
  await expect(log.waitFor(/ready/, 10, 1)).rejects.toMatchObject({
    code: 'QEMU_TIMEOUT',
    message: 'a console line like /ready/ did not come within 0.01 s',
  });
});

it('a console that has ended is waited for no longer', async () => {
  const stream = new PassThrough();
  const log = new ConsoleLog(stream);
  const waiting = log.waitFor(/never/, 60_000);
  stream.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'QEMU_EXITED' });
});

it('a line without an end does not grow without bound', async () => {
  const stream = new PassThrough();
  const log = new ConsoleLog(stream);
  for (let i = 0; i < 3; i++) stream.write('x'.repeat(50_000));
  await new Promise(setImmediate);
  expect(log.lines.map(({ text }) => text.length)).toEqual([100_000]);
});
