import { describe, expect, it } from 'vitest';
import { withTree } from '../testing/machine-tree.ts';
import { bootLogBytes, type CommandResult, keptBootLog, runHere } from './boot-log.ts';
import { collectBootLog } from './collect-boot-log.ts';
import { MachineReader } from './machine-reader.ts';

const whole = '[    0.000000] Linux version 6.1.0\n[    0.1] DMAR: Host address width 46\n';
const tail = '[ 9999.1] usb 1-1: new device\n';

function taken(results: Readonly<Record<string, CommandResult>>, file?: string) {
  return withTree(file === undefined ? {} : { 'var/log/dmesg': file }, (root) => {
    const reader = new MachineReader(root, { privileged: false, maxFiles: 10, outOfTime: () => false });
    const run = (command: string): CommandResult =>
      results[command] ?? { failure: 'there is no such command' };
    collectBootLog(reader, file === undefined ? run : undefined);
    return { files: reader.files, unread: reader.unread };
  });
}

describe('the log of a boot', () => {
  it('is what dmesg prints', async () => {
    expect(await taken({ dmesg: { text: whole }, journalctl: { text: tail } })).toEqual({
      files: [{ path: 'dmesg', text: whole }],
      unread: [],
    });
  });

  it('is of the journal where dmesg may not be read, or has lost its beginning', async () => {
    const failure = 'dmesg: read kernel buffer failed: Operation not permitted';
    expect(await taken({ dmesg: { failure }, journalctl: { text: whole } })).toEqual({
      files: [{ path: 'journalctl', text: whole }],
      unread: [{ path: 'dmesg', reason: failure }],
    });
    const { files } = await taken({ dmesg: { text: tail }, journalctl: { text: whole } });
    expect(files).toEqual([{ path: 'journalctl', text: whole }]);
  });

  it('without its beginning is better than none, and says so', async () => {
    expect(await taken({ dmesg: { text: tail }, journalctl: { text: '' } })).toEqual({
      files: [{ path: 'dmesg', text: tail }],
      unread: [
        { path: 'journalctl', reason: 'it printed nothing' },
        { path: 'dmesg', reason: 'its beginning is lost: later lines have taken its place' },
      ],
    });
  });

  it('of another machine is the file that it left', async () => {
    expect((await taken({}, whole)).files).toEqual([{ path: 'var/log/dmesg', text: whole }]);
    expect(await taken({})).toMatchObject({ files: [], unread: [{}, {}, { path: 'var/log/dmesg' }] });
  });

  it('leaves out what programs and networks wrote', () => {
    const lines = [
      'audit: type=1400',
      'IN=eth0 OUT= MAC=x',
      'systemd[1]: Started x.',
      'DMAR: x',
      'audit: initializing',
    ];
    expect(keptBootLog(lines.map((line) => `[ 1.0] ${line}\n`).join(''))).toEqual({
      text: '[ 1.0] DMAR: x\n',
      ofPrograms: 4,
      tooMany: 0,
    });
  });

  it('that is too long keeps its beginning, and what is about remapping and PCI', () => {
    const line = `${'x'.repeat(99)}\n`;
    const fault = 'DMAR: [DMA Read] Request device [04:00.0] fault addr 0\n';
    const kept = keptBootLog(line.repeat(30_000) + fault);
    expect(kept.text.endsWith(fault)).toBe(true);
    expect(kept.text.length).toBeLessThan(bootLogBytes / 2 + 200);
    expect(kept.tooMany).toBe(30_000 - kept.text.split('\n').length + 2);
    expect(keptBootLog(fault.repeat(50_000)).text.length).toBeLessThanOrEqual(bootLogBytes);
  });
});

it('a command that is not there, or fails, is a reason and no error', () => {
  expect(runHere('no-such-command-of-quiesce', [])).toEqual({ failure: 'there is no such command' });
  expect(runHere('sh', ['-c', 'echo no >&2; exit 1'])).toEqual({ failure: 'no' });
  expect(runHere('echo', ['yes'])).toEqual({ text: 'yes\n' });
});
