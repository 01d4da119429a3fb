import { expect, it } from 'vitest';
import { parseBootLog } from './boot-log.ts';

const said = [
  'Linux version 6.1.0-56-amd64 (builder@host) (gcc 12) #1 SMP Debian 6.1.192-2',
  'Command line: root=/dev/sda1 crashkernel=256M',
  'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
  'DMAR: DRHD base: 0x000000fed90000 flags: 0x1',
  'DMAR: RMRR base: 0x0000009d800000 end: 0x0000009fffffff',
  'pci 0000:00:1f.2: [8086:2922] type 00 class 0x010601',
];
const entry = (message: string, more: object = {}): object => ({
  _TRANSPORT: 'kernel',
  SYSLOG_IDENTIFIER: 'kernel',
  MESSAGE: message,
  ...more,
});

function read(log: string): object {
  const [boot, ...others] = parseBootLog(log, { file: 'log' }).boots;
  expect(others).toEqual([]);
  const { kernelRelease, commandLine, e820, units, functions } = boot ?? {};
  return {
    kernelRelease: kernelRelease?.value,
    commandLine: commandLine?.value,
    e820: e820?.length,
    units: units?.length,
    functions: functions?.length,
  };
}

const carriers: Readonly<Record<string, string>> = {
  'journalctl -o json': said.map((one) => JSON.stringify(entry(one))).join('\n'),
  'journalctl -o json-pretty': said.map((one) => JSON.stringify(entry(one), null, '\t')).join('\n'),
  'journalctl -o export': said.map((one) => `__CURSOR=s=1\n_TRANSPORT=kernel\nMESSAGE=${one}\n`).join('\n'),
  'a container': said.map((one) => JSON.stringify({ log: `[    0.000000] ${one}\n` })).join('\n'),
};

it.each(Object.entries(carriers))('reads a boot in %s', (_, log) => {
  expect(read(log)).toEqual(read(said.join('\n')));
});

it('takes the words of programs for none of the kernel', () => {
  const [banner] = said as [string];
  const logger = { _TRANSPORT: 'syslog', SYSLOG_IDENTIFIER: 'logger' };
  expect(parseBootLog(JSON.stringify(entry(banner, logger)), { file: 'log' }).boots).toEqual([]);
});
