import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { type CpioEntry, writeCpio } from './cpio.ts';

const entries = new Map<string, CpioEntry>([
  ['init', { kind: 'file', content: Buffer.from('#!/bin/sh\n'), mode: 0o755 }],
  ['bin/sh', { kind: 'link', target: 'busybox' }],
  ['bin/busybox', { kind: 'file', content: Buffer.from('ELF'), mode: 0o755 }],
  ['a/b/c/d', { kind: 'file', content: Buffer.alloc(0), mode: 0o644 }],
  ['dev/console', { kind: 'character', mode: 0o600, major: 5, minor: 1 }],
]);

/** The archive's records as the kernel reads them: name, mode, content. */
function records(
  archive: Buffer,
): { name: string; mode: number; content: string; device: [number, number] }[] {
  const found: { name: string; mode: number; content: string; device: [number, number] }[] = [];
  for (let at = 0; at < archive.length; ) {
    expect(at % 4).toBe(0);
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const name = archive.toString('latin1', at + 110, at + 110 + field(11) - 1);
    const content = Math.ceil((at + 110 + field(11)) / 4) * 4;
    if (name === 'TRAILER!!!') break;
    found.push({
      name,
      mode: field(1),
      content: archive.toString('latin1', content, content + field(6)),
      device: [field(9), field(10)],
    });
    at = Math.ceil((content + field(6)) / 4) * 4;
  }
  return found;
}

it('has every entry once, parents before what is in them, nothing of this host', () => {
  const archive = writeCpio(entries);
  const found = records(archive);
  expect(found.map(({ name }) => name)).toEqual([
    'a',
    'a/b',
    'a/b/c',
    'a/b/c/d',
    'bin',
    'bin/busybox',
    'bin/sh',
    'dev',
    'dev/console',
    'init',
  ]);
  expect(found.find(({ name }) => name === 'bin/sh')).toMatchObject({ mode: 0o120777, content: 'busybox' });
  expect(found.find(({ name }) => name === 'init')).toMatchObject({ mode: 0o100755, content: '#!/bin/sh\n' });
  expect(found.find(({ name }) => name === 'bin')).toMatchObject({ mode: 0o040755, content: '' });
  expect(found.find(({ name }) => name === 'dev/console')).toMatchObject({ mode: 0o020600, device: [5, 1] });
  expect(writeCpio(new Map([...entries].reverse())).equals(archive)).toBe(true);
});

const hasCpio = spawnSync('cpio', ['--version']).status === 0;

it.skipIf(!hasCpio)('is an archive to cpio, too (skipped where there is none)', () => {
  const list = execFileSync('cpio', ['-itv', '--quiet'], { input: writeCpio(entries), encoding: 'utf8' });
  expect(list).toMatch(/^crw------- .* 5, {3}1 .*dev\/console$/m);
  expect(list).toMatch(/^lrwxrwxrwx .* bin\/sh -> busybox$/m);
  expect(list).toMatch(/^-rwxr-xr-x .* 10 Jan {2}1 {2}1970 init$/m);
});

it.each(['', '/init', 'a/../b', 'a//b', './a', 'a/'])('refuses the path %j', (path) => {
  const archive = (): Buffer => writeCpio(new Map([[path, { kind: 'directory' }]]));
  expect(archive).toThrow(expect.objectContaining({ code: 'LAB_CPIO' }));
});
