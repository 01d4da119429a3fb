import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaptureBundle } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { captureScript } from './capture-script.ts';
import { collectCapture } from './collect/collect-capture.ts';
import { withTree } from './testing/machine-tree.ts';
import { madeUpServer, secrets } from './testing/made-up-server.ts';

const script = fileURLToPath(new URL('../script/quiesce-capture.sh', import.meta.url));

function there(...command: string[]): boolean {
  return spawnSync(command[0] as string, [...command.slice(1), '-c', ':']).status === 0;
}

const shells = [['dash'], ['busybox', 'sh'], ['bash', '--posix']];

function run(shell: readonly string[], args: readonly string[], path = process.env.PATH): CaptureBundle {
  const [command, ...rest] = shell as [string, ...string[]];
  const { stdout, stderr, status } = spawnSync(command, [...rest, script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as CaptureBundle;
}

const same = (bundle: CaptureBundle) => ({ ...bundle, tool: '', taken: '' });

describe.each(shells)('the script under %s %s', (...shell) => {
  it('takes what the collector takes, of a made-up server', async (context) => {
    if (!there(...shell)) context.skip(`there is no ${shell.join(' ')}`);
    await withTree(madeUpServer(), (root) => {
      const bundle = run(shell, ['--root', root]);
      expect(same(bundle)).toEqual(same(collectCapture({ root })));
      const text = JSON.stringify(bundle).toLowerCase();
      expect(secrets.filter((secret) => text.includes(secret.toLowerCase()))).toEqual([]);
      expect(same(run(shell, ['--root', root, '--no-redact']))).toEqual(
        same(collectCapture({ root, redact: false })),
      );
    });
  });
});

it("under busybox's own tools, takes the same", async (context) => {
  if (!there('busybox', 'sh')) context.skip('there is no busybox');
  const folder = mkdtempSync(join(tmpdir(), 'quiesce-busybox-'));
  const busybox = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim();
  try {
    for (const name of ['sh', 'awk', 'sed', 'od', 'ls', 'tr', 'id', 'date', 'uname']) {
      symlinkSync(busybox, join(folder, name));
    }
    await withTree(madeUpServer(), (root) => {
      const bundle = run([join(folder, 'sh')], ['--root', root], folder);
      expect(same(bundle)).toEqual(same(collectCapture({ root })));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('takes this machine as the collector does', (context) => {
  if (process.platform !== 'linux') context.skip('this is no Linux machine');
  const hardware = (bundle: CaptureBundle) =>
    bundle.files.filter(
      ({ path }) => /^(sys|etc)\//.test(path) && !/\/(config|power_state|domains_used)$/.test(path),
    );
  expect(hardware(run(['sh'], ['--no-redact']))).toEqual(
    hardware(collectCapture({ redact: false, run: noCommand })),
  );
});

const noCommand = () => ({ failure: 'not run here' });

it('is the one that is shipped, and names every kind that is redacted', () => {
  expect(captureScript()).toContain('#!/bin/sh');
});
