import { PassThrough } from 'node:stream';
import { ConsoleLog } from '@quiesce/qemu-control';
import { expect, it } from 'vitest';
import { GuestReports } from './guest-reports.ts';

it('files come between their first and last line; other lines are told', async () => {
  const port = new PassThrough();
  const reports = new GuestReports(new ConsoleLog(port));
  const file = Buffer.from('00:00.0 Host bridge\n00: 86 80\n');
  const lines = file.toString('base64').match(/.{1,20}/g) as string[];
  port.write(`note insmod x.ko failed\nreport lspci\n${lines.join('\n')}\nend\nphase undriven\nready\n`);
  await reports.waitFor(/^ready$/, 1000);
  expect(reports.files.get('lspci')).toEqual(file);
  expect(reports.matches(/^note (.*)$/).map(([, text]) => text)).toEqual(['insmod x.ko failed']);
  expect(reports.timeOf(/^phase undriven$/)).toBeGreaterThan(0);
  expect(reports.timeOf(/^phase dump$/)).toBeUndefined();
});

it('a file that never ends is none', async () => {
  const port = new PassThrough();
  const reports = new GuestReports(new ConsoleLog(port));
  port.write('report dmar\nAAAA\n');
  await reports.waitFor(/AAAA/, 1000);
  expect(reports.files.size).toBe(0);
});
