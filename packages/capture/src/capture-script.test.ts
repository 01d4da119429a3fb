import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaptureBundle } from '@quiesce/machine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureScript } from './capture-script.ts';
import { collectCapture } from './collect/collect-capture.ts';
import { redactionKinds } from './redaction/redaction-rules.ts';
import { withTree } from './testing/machine-tree.ts';
import { madeUpServer, secrets } from './testing/made-up-server.ts';
import { planted } from './testing/planted-secrets.ts';

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

it('redacts as the collector does, line by line', async () => {
  const lines = [
    ...fc.sample(planted, 300).map(({ line }) => line),
    ...fc
      .sample(fc.tuple(planted, planted, fc.constantFrom('', ':', '-', '.')), 100)
      .map(([a, b, by]) => a.line + by + b.line),
  ];
  const log = fileURLToPath(
    new URL('../../../../shared/real-captures/machines/thinkpad-t400/dmesg.txt', import.meta.url),
  );
  const tree = {
    'proc/cmdline': `${lines.join('\n')}\n`,
    'etc/hostname': 'vega7.ops.example\n',
    'var/log/dmesg': existsSync(log) ? readFileSync(log).filter((byte) => byte < 0x7f) : 'Linux version 6\n',
  };
  await withTree(tree, (root) => {
    const [script, collector] = [run(['sh'], ['--root', root]), collectCapture({ root })].map(
      ({ files, redacted }) => ({
        lines: files.map((one) => ('text' in one ? one.text.split('\n') : [])),
        redacted,
      }),
    );
    expect(script).toEqual(collector);
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

it('counts every kind that the collector counts', () => {
  const text = captureScript();
  expect(text).toMatch(/^#!\/bin\/sh\n/);
  expect(redactionKinds.filter((kind) => !text.includes(kind))).toEqual([]);
});

it.each([[['--nope']], [['--root', 'missing-folder']], [['--root']]])('refuses %j', (args) => {
  const { status, stdout, stderr } = spawnSync('sh', [script, ...args], { encoding: 'utf8' });
  expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: '' });
  expect(stderr).not.toBe('');
});
