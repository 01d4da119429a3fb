import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { importCapture } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { packTar, type TarEntry } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { withTree } from '../testing/machine-tree.ts';
import { madeUpServer } from '../testing/made-up-server.ts';
import { type OpenedCapture, openCapture } from './open-capture.ts';
import type { OpenLimits } from './open-limits.ts';

/** The content in a file of its own, opened. */
function opened(
  content: Uint8Array | string,
  name = 'given',
  limits: Partial<OpenLimits> = {},
): Promise<OpenedCapture> {
  return withTree({ [name]: content }, (root) => openCapture(join(root, name), limits));
}

const text = (content: string | Uint8Array | undefined) =>
  typeof content === 'string' ? content : new TextDecoder().decode(content);
const paths = ({ files }: OpenedCapture) => files.map(({ path }) => path);
const commandLine = 'root=/dev/sda1 crashkernel=512M\n';

function tar(...entries: TarEntry[]): Promise<Uint8Array> {
  return packTar(entries);
}

function file(name: string, body: string | Uint8Array): TarEntry {
  return { header: { name, size: Buffer.byteLength(body) }, body };
}

// An archive of proc/cmdline, by tar, bzip2, xz and zstd themselves.
const packed = {
  bzip2:
    'QlpoOTFBWSZTWZAjpnQAAI7/kNoQAEBAAP+CAAIEAG5v3wAEAAAIIAB0GiT0jQyhkNhNIPJPUGUjTIGj1AGgAD7sPmYsggRsJBIRaKHTTECCFEXQFH3+1tlUCZgFBncyDwkuqkNogeOyMWjlRZF/tVwmnmk/HKqVFcVtp8SdXEHFTdeHPEra4WyLtbJ5EQH8XckU4UJCQI6Z0A==',
  xz: '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AI5dADgciiGnQLF9Z5prdh5Jgeh/cRXiMBTut/LoYBuvDvcPCPKYZU5C3mvTgc4COLTCJ2EXewVHeCboOm49bVVxDA3BUT6Pk1jNQ7kSOM34w1EysfnOv272Dgap0Ca+liJahArrlbjgCbzh7zuyXy/+ZzN2plfT7dC1952hgj/yOMZUHeXumtKiYZEeXLoG5gAAAACWo6FU/fiEZQABqgGAUAAAbldXx7HEZ/sCAAAAAARZWg==',
  zstd: 'KLUv/WQAJ1UDAJIFEhCAfQDd9qPNAdERs7maWL6QILBC0KLQZjijbtkJ0p4eHb6xwL43/4PctuYAvADoGEMe/J9PqnwyBPz5f3BOegCtpK+64W7GAQsg8DQyHHEX8q4thIYpAAsCAw4Yft6Tg4BBAyxN7wu9mvSE',
};

describe('an archive', () => {
  it.each(Object.entries(packed))('packed by %s is unpacked', async (_, base64) => {
    const { files, notes } = await opened(Buffer.from(base64, 'base64'));
    expect(files.map(({ path, content }) => [path, text(content)])).toEqual([['proc/cmdline', commandLine]]);
    expect(notes).toEqual([]);
  });

  it('gives what can matter and counts the rest; nothing climbs out of it', async () => {
    const archive = await tar(
      file('sosreport-x/proc/cmdline', commandLine),
      file('sosreport-x/sos_commands/pci/lspci_-nnvv', '00:00.0 Host bridge [0600]: x [8086:0d57]\n'),
      file('sosreport-x/etc/shadow', 'secret'),
      file('sosreport-x/usr/share/doc/page.html', 'page'),
      file('sosreport-x/../../etc/kdump.conf', 'path /x\n'),
      {
        header: {
          name: 'sosreport-x/sys/bus/pci/devices/0000:00:1f.2',
          size: 0,
          type: 'symlink',
          linkname: '../x',
        },
      },
      { header: { name: 'sosreport-x/proc/iomem', size: 0, type: 'link', linkname: 'etc/shadow' } },
      file('sosreport-x/var/log/kern.log.1.gz', zlib.gzipSync('kernel: one\n')),
    );
    const capture = await opened(zlib.gzipSync(archive), 'sosreport-x.tar.gz');
    expect(paths(capture)).toEqual([
      'sosreport-x/proc/cmdline',
      'sosreport-x/sos_commands/pci/lspci_-nnvv',
      'sosreport-x/sys/bus/pci/devices/0000:00:1f.2',
      'sosreport-x/var/log/kern.log.1',
    ]);
    expect(capture.files[2]).toMatchObject({ content: '', link: '../x' });
    expect(text(capture.files[3]?.content)).toBe('kernel: one\n');
    expect(capture.notes.map(({ message }) => message).sort()).toEqual([
      '1 file was passed over: their paths climb out of the archive',
      '1 file was passed over: they are no files but of type link',
      '2 files were passed over: they say nothing about devices, remapping or kdump',
      'links of 1 PCI functions lead to what is not there: take the folder sys as a whole',
    ]);
  });

  it('of a live sysfs loses the zeros that tar put behind attributes, and no others', async () => {
    const [config, padded] = [new Uint8Array(64), new Uint8Array(4096)];
    padded.set(Buffer.from('0x8086\n'));
    const folder = 'sys/devices/pci0000:00/0000:00:02.0';
    const { files } = await opened(
      await tar(file(`${folder}/config`, config), file(`${folder}/vendor`, padded)),
    );
    expect(files.map(({ content }) => content.length)).toEqual([64, 7]);
  });

  it('that is cut gives what stands before the cut, and says where it ends', async () => {
    const archive = await tar(file('a/proc/cmdline', commandLine), file('a/proc/iomem', 'x'.repeat(5000)));
    const cut = await opened(archive.subarray(0, 3000));
    expect(paths(cut)).toEqual(['a/proc/cmdline', 'a/proc/iomem']);
    expect(cut.notes).toMatchObject([{ file: 'a/proc/iomem', message: 'ends after 1464 of 5000 bytes' }]);
    // Noise does not compress: the cut lies within it.
    const noise = Uint8Array.from({ length: 4000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24);
    const gzipped = zlib.gzipSync(
      await tar(file('a/proc/cmdline', commandLine), file('a/proc/iomem', noise)),
    );
    const { files, notes } = await opened(gzipped.subarray(0, gzipped.length - 20), 'cut.tgz');
    expect(files.length).toBeGreaterThan(0);
    expect(notes.at(-1)?.message).toContain('is damaged as gzip: unexpected end of file');
  });

  it('that unpacks to too much is refused before it is unpacked', async () => {
    const zeros = zlib.gzipSync(new Uint8Array(4 * 2 ** 20));
    const denseBytes = 2 ** 20;
    await expect(opened(zeros, 'zeros.gz', { denseBytes })).rejects.toMatchObject({ code: 'ARCHIVE_BOMB' });
    await expect(opened(zeros, 'zeros.gz', { unpackedBytes: denseBytes })).rejects.toThrow('more than 1 MiB');
    expect((await opened(zeros, 'zeros.gz')).files[0]?.content).toHaveLength(4 * 2 ** 20);
    await expect(
      opened(zlib.gzipSync('x'.repeat(3000)), 'log.gz', { fileBytes: 1000 }),
    ).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    });
    const many = await tar(...Array.from({ length: 20 }, (_, index) => file(`dump-${index}.txt`, 'x')));
    await expect(opened(many, 'many.tar', { files: 10 })).rejects.toMatchObject({
      code: 'CAPTURE_TOO_LARGE',
    });
    await expect(opened(many, 'many.tar', { entries: 10 })).rejects.toMatchObject({
      code: 'CAPTURE_TOO_LARGE',
    });
    await expect(opened(many, 'many.tar', { totalBytes: 10 })).rejects.toMatchObject({
      code: 'CAPTURE_TOO_LARGE',
    });
  });

  it('however damaged, gives files, notes or a clear refusal', { timeout: 120_000 }, async () => {
    const plain = await tar(file('a/proc/cmdline', commandLine), file('a/proc/iomem', 'y'.repeat(700)));
    const subjects = [
      plain,
      zlib.gzipSync(plain),
      ...Object.values(packed).map((one) => Buffer.from(one, 'base64')),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...subjects),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (from, changes) => {
          let bytes = Uint8Array.from(from);
          for (const [at, value, cut] of changes) {
            if (cut) bytes = bytes.slice(0, 1 + (at % bytes.length));
            else bytes[at % bytes.length] = value;
          }
          const result = await opened(bytes).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(UserError);
          else
            expect(
              (result as OpenedCapture).files.length + (result as OpenedCapture).notes.length,
            ).toBeGreaterThan(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a folder', () => {
  it("of a machine's files is read where it matters, links as links, and never what is hazardous", async () => {
    await withTree(madeUpServer(), async (root) => {
      const capture = await openCapture(root);
      const own = paths(capture).map((path) => path.split('/').slice(1).join('/'));
      expect(own).toContain('sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/config');
      expect(own).toContain('sys/bus/pci/devices/0000:01:00.0');
      expect(own.filter((path) => /(vpd|rom|resource0|shadow|product_serial|bind)$/.test(path))).toEqual([]);
      const sys = await openCapture(join(root, 'sys'));
      expect(sys.files.every(({ path }) => path.startsWith('sys/'))).toBe(true);
      const devices = await openCapture(join(root, 'sys/devices'));
      expect(devices.files[0]?.path).toMatch(/^sys\/devices\//);
    });
  });

  it('of links alone is told what is missing', async () => {
    await withTree(madeUpServer(), async (root) => {
      const { notes } = await openCapture(join(root, 'sys/bus/pci/devices'));
      expect(notes.map(({ message }) => message)).toContain(
        'links of 2 PCI functions lead to what is not there: take the folder sys as a whole',
      );
      expect((await openCapture(join(root, 'sys'))).notes.map(({ message }) => message).join()).not.toMatch(
        /links of/,
      );
    });
  });

  it('gives the machine that its archive gives', async () => {
    await withTree(madeUpServer(), async (root) => {
      const made = spawnSync('tar', ['-cf', `${root}.tar`, '-C', root, '.']);
      expect(made.status).toBe(0);
      const strip = ({ files }: OpenedCapture) =>
        files.map((one) => ({ ...one, path: one.path.replace(/^quiesce-capture-\w+\//, '') })).sort(byPath);
      const archive = readFileSync(`${root}.tar`);
      spawnSync('rm', [`${root}.tar`]);
      expect(strip(await opened(archive))).toEqual(strip(await openCapture(root)));
    });
  });

  it('does not hold the reader up with FIFOs, and is not followed out of', async () => {
    await withTree({ 'lspci.txt': 'x', 'out.txt': { link: '/dev/zero' } }, async (root) => {
      expect(spawnSync('mkfifo', [join(root, 'fifo.txt')]).status).toBe(0);
      const { files, notes } = await openCapture(root);
      expect(files).toHaveLength(1);
      expect(notes.map(({ message }) => message).sort()).toEqual([
        '1 file was passed over: they are no regular files',
        '1 file was passed over: they are symbolic links, which are not followed',
      ]);
    });
  });

  it('that is too deep is read as deep as may be', async () => {
    const deep = Array.from({ length: 40 }, () => 'd').join('/');
    await withTree({ 'a.txt': 'x', [`${deep}/b.txt`]: 'x' }, async (root) => {
      const { files, notes } = await openCapture(root);
      expect(files).toHaveLength(1);
      expect(notes[0]?.message).toBe('this folder is too deep to be read');
    });
  });
});

describe('files', () => {
  it('keep the names under which they are given; several are one capture', async () => {
    await withTree({ 'a.log': 'one', 'b.txt': 'two', 'c.log.gz': zlib.gzipSync('three') }, async (root) => {
      const { files } = await openCapture(['a.log', 'b.txt', 'c.log.gz'].map((name) => join(root, name)));
      expect(files.map(({ path, content }) => [path.slice(root.length + 1), text(content)])).toEqual([
        ['a.log', 'one'],
        ['b.txt', 'two'],
        ['c.log', 'three'],
      ]);
    });
  });

  it('are read beside an archive that is damaged, which is refused alone', async () => {
    const tree = { 'a.log': 'one', 'b.tgz': zlib.gzipSync('x'.repeat(5000)).subarray(0, 20) };
    await withTree(tree, async (root) => {
      const both = await openCapture([join(root, 'b.tgz'), join(root, 'a.log')]);
      expect(both.files).toHaveLength(1);
      expect(both.notes[0]).toMatchObject({
        file: join(root, 'b.tgz'),
        message: expect.stringContaining('is damaged as gzip'),
      });
      await expect(openCapture(join(root, 'b.tgz'))).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    });
  });

  it('that are not there are refused with their names', async () => {
    await expect(openCapture('missing.json')).rejects.toThrow(
      'missing.json cannot be read: there is no such file',
    );
    await expect(opened('', 'empty.txt')).resolves.toMatchObject({ files: [{ content: new Uint8Array() }] });
  });
});

const shared = fileURLToPath(new URL('../../../../../shared/real-captures/machines', import.meta.url));

it('a real machine is the same from its folder and from an archive of it', async (context) => {
  const name = 'dell-latitude-e6430';
  const folder = join(shared, name);
  const there = await openCapture(folder).catch(() => undefined);
  if (there === undefined) {
    context.skip('the folder with captures beside the repository is absent');
    return;
  }
  const archive = await tar(...there.files.map(({ path, content }) => file(path, content)));
  const fromArchive = importCapture((await opened(zlib.gzipSync(archive))).files, { name });
  const fromFolder = importCapture(there.files, { name });
  expect(fromFolder.machine?.functions.length).toBeGreaterThan(10);
  expect(fromArchive).toEqual(fromFolder);
});

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
