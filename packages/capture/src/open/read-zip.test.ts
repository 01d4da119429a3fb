import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { withTree } from '../testing/machine-tree.ts';
import { type OpenedCapture, openCapture } from './open-capture.ts';
import type { OpenLimits } from './open-limits.ts';

const bytes = (content: string) => new Uint8Array(Buffer.from(content));
const text = (content: string | Uint8Array | undefined) =>
  typeof content === 'string' ? content : new TextDecoder().decode(content);

function opened(files: Zippable | Uint8Array, limits: Partial<OpenLimits> = {}): Promise<OpenedCapture> {
  const content = files instanceof Uint8Array ? files : zipSync(files);
  return withTree({ 'given.zip': content }, (root) => openCapture(join(root, 'given.zip'), limits));
}

/** Replaces each occurrence of some bytes behind a signature, at an offset from it. */
function patched(archive: Uint8Array, signature: string, offset: number, ...values: number[]): Uint8Array {
  const copy = Buffer.from(archive);
  for (
    let at = copy.indexOf(signature, 0, 'latin1');
    at >= 0;
    at = copy.indexOf(signature, at + 4, 'latin1')
  ) {
    copy.set(values, at + offset);
  }
  return copy;
}

const DIRECTORY = 'PK\u0001\u0002';
const LOCAL = 'PK\u0003\u0004';
const commandLine = 'root=/dev/sda1 crashkernel=512M\n';
const unix = (mode: number) => ({ os: 3, attrs: mode * 0x1_0000 });
const notesOf = ({ notes }: OpenedCapture) => notes.map(({ message }) => message).sort();

describe('a zip archive', () => {
  it('gives what can matter and counts the rest; nothing climbs out of it', async () => {
    const capture = await opened({
      'sosreport-x/': new Uint8Array(),
      'sosreport-x/proc/cmdline': bytes(commandLine),
      'sosreport-x/proc/iomem': [bytes('00000000-0009ffff : System RAM\n'), { level: 0 }],
      'sosreport-x\\proc\\version': bytes('Linux version 6.1.0\n'),
      'sosreport-x/etc/shadow': bytes('secret'),
      'sosreport-x/../../etc/kdump.conf': bytes('path /x\n'),
      '/sosreport-x/sys/bus/pci/devices/0000:00:1f.2': [bytes('../x'), unix(0o120777)],
      'sosreport-x/proc/fifo': [new Uint8Array(), unix(0o010644)],
      'sosreport-x/var/log/kern.log.1.gz': new Uint8Array(gzipSync('kernel: one\n')),
    });
    expect(capture.files.map(({ path, content, link }) => [path, link ?? text(content)])).toEqual([
      ['sosreport-x/proc/cmdline', commandLine],
      ['sosreport-x/proc/iomem', '00000000-0009ffff : System RAM\n'],
      ['sosreport-x/proc/version', 'Linux version 6.1.0\n'],
      ['sosreport-x/sys/bus/pci/devices/0000:00:1f.2', '../x'],
      ['sosreport-x/var/log/kern.log.1', 'kernel: one\n'],
    ]);
    expect(notesOf(capture)).toEqual([
      '1 file was passed over: their paths climb out of the archive',
      '1 file was passed over: they are no files',
      '1 file was passed over: they say nothing about devices, remapping or kdump',
      'links of 1 PCI functions lead to what is not there: take the folder sys as a whole',
    ]);
  });

  it('that unpacks to too much is refused before it is unpacked', async () => {
    const zeros = zipSync({ 'a.log': new Uint8Array(2 ** 20), 'b.log': new Uint8Array(2 ** 20) });
    await expect(opened(zeros, { denseBytes: 2 ** 20 })).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
    await expect(opened(zeros, { unpackedBytes: 2 ** 20 })).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
    const large = await opened(zeros, { fileBytes: 1000 });
    expect(large.files).toEqual([]);
    expect(notesOf(large)[0]).toMatch(/^2 files were passed over: they are larger than/);
    const many = zipSync(
      Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`dump-${at}.txt`, bytes('x')])),
    );
    for (const limits of [{ files: 10 }, { entries: 10 }, { totalBytes: 10 }]) {
      await expect(opened(many, limits)).rejects.toMatchObject({ code: 'CAPTURE_TOO_LARGE' });
    }
  });

  it('that lies about the size of a file does not give more than it says', async () => {
    const archive = zipSync({ 'a.log': bytes('x'.repeat(5000)), 'b.log': bytes('two') });
    const lying = patched(patched(archive, DIRECTORY, 24, 10, 0, 0, 0), LOCAL, 22, 10, 0, 0, 0);
    const { files, notes } = await opened(lying);
    expect(files.every(({ content }) => content.length <= 10)).toBe(true);
    expect(notes[0]?.message).toMatch(/is damaged in its archive/);
  });

  it('of which one file is damaged gives the others', async () => {
    const noise = Uint8Array.from({ length: 4000 }, (_, at) => Math.imul(at, 2_654_435_761) >>> 24);
    const archive = zipSync({ 'a.log': [noise, { level: 0 }], 'b.log': bytes('b'.repeat(100)) });
    archive[2000] = (archive[2000] as number) ^ 1;
    const { files, notes } = await opened(archive);
    expect(files.map(({ path, content }) => [path, content.length])).toEqual([
      ['a.log', 4000],
      ['b.log', 100],
    ]);
    expect(notes).toEqual([{ file: 'a.log', message: 'does not have the checksum that its archive says' }]);
  });

  it('that is encrypted, or packed in another way, says so', async () => {
    const archive = zipSync({ 'proc/cmdline': bytes(commandLine) });
    expect(notesOf(await opened(patched(archive, DIRECTORY, 8, 1)))).toEqual([
      '1 file was passed over: they are encrypted',
    ]);
    expect(notesOf(await opened(patched(archive, DIRECTORY, 10, 14)))).toEqual([
      '1 file was passed over: they are packed in a way that few programs know',
    ]);
  });

  it('that is cut has lost its directory, and is refused; an empty one says that it is', async () => {
    const archive = zipSync({ 'proc/cmdline': bytes(commandLine) });
    await expect(opened(archive.subarray(0, 60))).rejects.toMatchObject({
      code: 'ARCHIVE_DAMAGED',
      message: expect.stringContaining('is damaged as zip'),
    });
    expect(notesOf(await opened({}))).toEqual(['there is no file in it']);
  });

  it('however damaged, gives files, notes or a clear refusal', { timeout: 60_000 }, async () => {
    const archive = zipSync({
      'proc/cmdline': bytes(commandLine),
      'proc/iomem': [bytes('y'.repeat(300)), { level: 0 }],
      'var/log/kern.log': bytes('kernel: a line\n'.repeat(50)),
    });
    const change = fc.tuple(fc.nat({ max: archive.length - 1 }), fc.nat({ max: 255 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let damaged = Uint8Array.from(archive);
        for (const [at, value, cut] of changes) {
          if (cut && value > 200) damaged = damaged.slice(0, 1 + (at % damaged.length));
          else damaged[at % damaged.length] = value;
        }
        const result = await opened(damaged).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(UserError);
        else {
          const { files, notes } = result as OpenedCapture;
          expect(files.length + notes.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('that no file but a pipe holds is read, too', async (context) => {
    if (spawnSync('mkfifo', ['--version']).status !== 0) context.skip('there is no mkfifo');
    await withTree({ 'a.zip': zipSync({ 'proc/cmdline': bytes(commandLine) }) }, async (root) => {
      const pipe = join(root, 'pipe');
      spawnSync('mkfifo', [pipe]);
      const content = readFileSync(join(root, 'a.zip'));
      const [{ files }] = await Promise.all([openCapture(pipe), writeFile(pipe, content)]);
      expect(files.map(({ path }) => path)).toEqual(['proc/cmdline']);
    });
  });
});
