import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeElf } from '../elf/testing/write-elf.ts';
import { moduleClosure, moduleNeeds } from './kernel-modules.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quiesce-modules-'));
  writeFileSync(join(directory, 'modules.builtin'), 'kernel/drivers/base/regmap/regmap_core.ko\n');
  add('kernel/sound/soundcore.ko', 'depends=');
  add('kernel/sound/core/snd.ko.gz', 'depends=soundcore');
  add('kernel/sound/core/snd-pcm.ko', 'depends=snd,regmap-core');
  add(
    'kernel/sound/pci/snd-hda-intel.ko',
    'depends=snd-pcm,snd',
    'softdep=pre: snd_helper nowhere post: later',
  );
  add('updates/snd_helper.ko', 'depends=');
  add('kernel/later.ko', 'depends=');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function add(path: string, ...info: string[]): void {
  const module = writeElf(
    [],
    [{ name: '.modinfo', content: Buffer.from(`license=GPL\0${info.join('\0')}\0`) }],
  );
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), path.endsWith('.gz') ? gzipSync(module) : module);
}

it('takes all that a module needs, each before what needs it, unpacked and once', async () => {
  const { modules, absent } = await moduleClosure(directory, ['snd-hda-intel', 'snd_pcm', 'regmap-core']);
  expect(modules.map(({ name }) => name)).toEqual([
    'snd-helper',
    'soundcore',
    'snd',
    'snd-pcm',
    'snd-hda-intel',
  ]);
  expect(modules.every(({ content }) => content.readUInt32BE(0) === 0x7f454c46)).toBe(true);
  expect(absent).toEqual([]);
});

it('says what a kernel does not have', async () => {
  expect((await moduleClosure(directory, ['e1000e', 'snd'])).absent).toEqual(['e1000e']);
  expect(await moduleClosure(undefined, ['nvme'])).toEqual({ modules: [], absent: ['nvme'] });
});

it('reads what stands in a module', () => {
  const module = (info: string): Buffer => writeElf([], [{ name: '.modinfo', content: Buffer.from(info) }]);
  expect(moduleNeeds(module('depends=a,b\0softdep=pre: c d\0softdep=post: e\0'))).toEqual({
    depends: ['a', 'b'],
    before: ['c', 'd'],
  });
  expect(moduleNeeds(writeElf([]))).toEqual({ depends: [], before: [] });
});
