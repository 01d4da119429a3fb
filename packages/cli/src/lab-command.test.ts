import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import * as kernelLab from '@quiesce/kernel-lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KernelLab } from './input/kernel-lab.ts';
import { runCommand } from './run-command.ts';

// A lab without QEMU: the model says what a kernel would, and a test may have it say something else.

type Account = kernelLab.RunAccount;

let asked: kernelLab.LabRequest[] = [];
let change: (account: Account, request: kernelLab.LabRequest) => Account = (account) => account;
let folder = '';

beforeEach(async () => {
  asked = [];
  change = (account) => account;
  folder = await mkdtemp(path.join(tmpdir(), 'quiesce-lab-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function runLab(request: kernelLab.LabRequest): Promise<kernelLab.LabResult> {
  asked.push(request);
  request.signal?.throwIfAborted();
  const { machine, strategy, variant, runs, kernel } = request;
  const named = typeof kernel === 'string' ? kernel.replace('debian-', '') : '6.12.117';
  const kernelVersion = named.split('.').length > 2 ? named : `${named}.192`;
  const { plugin, options } = strategy;
  const seeds = Array.from({ length: runs }, (_, run) => 1 + run);
  const predictions = kernelLab.predict({ machine, plugin, options, kernel: kernelVersion, variant, seeds });
  return {
    kernelRelease: `${kernelVersion}-test`,
    kernelVersion,
    qemuVersion: '0.0.0',
    observations: predictions.map(({ account }) => ({
      account: change({ ...account, source: 'kernel' }, request),
      files: request.keep === undefined ? {} : { console: path.join(request.keep, 'console.txt') },
      seconds: 1,
    })),
  };
}

async function quiesce(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const page = (): Writable & { text: string } => {
    const stream = Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          stream.text += String(chunk);
          done();
        },
      }),
      { text: '' },
    );
    return stream;
  };
  const [stdout, stderr] = [page(), page()];
  const lab: KernelLab = { ...kernelLab, runLab };
  const io = { stdout, stderr, cwd: folder, columns: '120', kernelLab: async () => lab };
  const code = await runCommand(['lab', ...argv], io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** The card at 01:00.0 faults where nothing was predicted. */
function faulting(account: Account): Account {
  const devices = account.devices.map((one) =>
    one.name === '0000:01:00.0'
      ? { ...one, phases: { ...one.phases, setup_arch: { faults: 7, reasons: [5] } } }
      : one,
  );
  return { ...account, devices };
}

describe('quiesce lab', () => {
  it('sets prediction and observation side by side, and ends with 0 where they agree', async () => {
    const { code, stdout } = await quiesce('--no-copy', '--runs', '2');
    expect(code).toBe(0);
    expect(stdout).toContain('q35-lab, none, Linux 6.1.192, tables built anew');
    expect(stdout).toMatch(/01:00\.0 {2}model .* working\n {9}kernel .* working\n/);
    expect(stdout).toContain('0 disagree');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ kernel: 'debian-6.1', runs: 2, variant: { tables: 'no-copy' } });
  });

  it('ends with 1 where they do not, says what was expected and where the console is', async () => {
    change = faulting;
    const { code, stdout } = await quiesce('--keep', 'kept', '-k', 'debian-6.12.117');
    expect(code).toBe(1);
    expect(stdout).toMatch(/01:00\.0 {2}model +· /);
    expect(stdout).toContain('7 (5) ✗');
    expect(stdout).toContain(
      '0000:01:00.0 in setup_arch: DMA faults: the model says none, the kernel faults',
    );
    expect(stdout).toContain(path.join(folder, 'kept', 'console.txt'));
  });

  it('predicts without a kernel', async () => {
    const { code, stdout } = await quiesce('--dry-run', '--seeds', '2', '--iommu-off');
    expect(code).toBe(0);
    expect(stdout).toContain('2 crashes of the model; no kernel was booted');
    expect(asked).toEqual([]);
  });

  it('passes machine, modes, kernel and strategy options on', async () => {
    await quiesce(
      ...['-m', 'q35-scalable', '--modes', 'scalable,legacy', '--kernel-image', 'bzImage', '--modules', 'm'],
      ...[
        '-s',
        'root-port-reset',
        '-o',
        'root-port-reset.restore=false',
        '--interrupts',
        'on',
        '--undriven',
        '50',
      ],
    );
    expect(asked[0]).toMatchObject({
      machine: { name: 'q35-scalable' },
      kernel: { image: path.join(folder, 'bzImage'), modules: path.join(folder, 'm') },
      strategy: { options: { restore: false }, plugin: { name: 'root-port-reset' } },
      variant: { firstScalable: true, secondScalable: false, interrupts: 'on', undrivenMs: 50 },
    });
  });

  it('as JSON, JUnit and Markdown', async () => {
    const json = JSON.parse((await quiesce('-f', 'json', '-s', 'none,clear-bus-master')).stdout);
    expect(json).toMatchObject({ schema: 'quiesce/lab-reports/1', baseline: [null, null] });
    expect(json.reports.map((one: kernelLab.LabReport) => one.strategy.name)).toEqual([
      'none',
      'clear-bus-master',
    ]);
    expect((await quiesce('-f', 'junit')).stdout).toMatch(
      /^<\?xml[\s\S]*<testsuite name="q35-lab, none, 6\.1\.192/,
    );
    expect((await quiesce('-f', 'markdown')).stdout).toContain('| device |');
  });

  it.each([
    [['--machine', 'nope'], 'the lab has no machine "nope"'],
    [['--modes', 'old'], '--modes old is not understood'],
    [['--no-copy', '--iommu-off'], 'exclude each other'],
    [['--modules', 'm'], '--modules goes with --kernel-image'],
    [['--kernel', 'debian-6.1', '--kernel-image', 'x'], 'cannot be used with'],
    [['--dry-run', '--kernel', 'nope'], 'no version of a kernel'],
    [['-o', 'none.x=1'], 'x'],
    [['nope'], 'too many arguments'],
    [['matrix', '--only', 'nope'], '--only nope'],
    [['--baseline', 'nope.json', '--runs', '1'], 'nope.json'],
  ])('%j is a mistake', async (argv, message) => {
    const { code, stderr } = await quiesce(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.split('\n').length).toBe(2);
  });
});

describe('--baseline', () => {
  it('ends with 1 where the kernel is worse than the other one', async () => {
    change = (account, { kernel }) => (kernel === 'debian-6.1.192' ? account : faulting(account));
    const { code, stdout } = await quiesce('-k', 'debian-6.12.117', '--baseline', 'debian-6.1.192');
    expect(code).toBe(1);
    expect(stdout).toContain('regression: 0000:01:00.0 in setup_arch: DMA faults: none before, faults now');
  });

  it('says what is better, and ends with 0, whatever the model says', async () => {
    change = (account, { kernel }) => (kernel === 'debian-6.1.192' ? faulting(account) : account);
    const { code, stdout } = await quiesce('-k', 'debian-6.12.117', '--baseline', 'debian-6.1.192');
    expect(code).toBe(0);
    expect(stdout).toContain('improvement: 0000:01:00.0');
  });

  it('takes runs that were kept', async () => {
    expect((await quiesce('--keep', 'old')).code).toBe(0);
    const same = await quiesce('--baseline', 'old/runs.json');
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toContain('As the baseline');
    change = faulting;
    expect((await quiesce('--baseline', 'old/runs.json')).code).toBe(1);
    expect(asked).toHaveLength(3);
  });
});

describe('quiesce lab matrix', () => {
  const only = ['--only', 'q35-lab_none_6.1.192_copy', '--runs', '1', '--seeds', '2'];

  it('keeps each combination, and goes on where it was', async () => {
    const first = await quiesce('matrix', ...only);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('q35-lab_none_6.1.192_copy-interrupts');
    expect(asked).toHaveLength(2);
    expect((await quiesce('matrix', ...only)).stdout).toBe(first.stdout);
    expect(asked).toHaveLength(2);
    const kept = await readFile(path.join(folder, 'lab-results', 'q35-lab_none_6.1.192_copy.json'), 'utf8');
    expect(kernelLab.parseRecordedRuns(kept, 'x').runs).toHaveLength(1);
    expect((await quiesce('matrix', '--list', ...only)).stdout).toMatch(
      /^1 runs {3}q35-lab_none_6\.1\.192_copy\n/,
    );
  });

  it('ends with 1 where what is kept does not agree with the model of today', async () => {
    change = faulting;
    expect((await quiesce('matrix', ...only)).code).toBe(1);
    const again = await quiesce('matrix', '--recorded', '--format', 'markdown');
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('| none | 2 |');
    const json = JSON.parse((await quiesce('matrix', '--recorded', '--format', 'json')).stdout);
    expect(json).toMatchObject({ schema: 'quiesce/lab-matrix/1', summary: { combinations: 2 } });
    expect(asked).toHaveLength(2);
  });

  it('goes on where one of them cannot be run, and says so by its code', async () => {
    change = (account) => {
      if (asked.length === 1) throw new Error('the first kernel did not come up');
      return account;
    };
    const { code, stderr, stdout } = await quiesce('matrix', ...only);
    expect(code).toBe(3);
    expect(stderr).toBe('quiesce: q35-lab_none_6.1.192_copy: the first kernel did not come up\n');
    expect(stdout).toContain('q35-lab_none_6.1.192_copy-interrupts');
  });

  it('stops in the middle, keeps what is done, and says so by its code', async () => {
    change = (account) => {
      if (asked.length === 1) process.emit('SIGINT', 'SIGINT');
      return account;
    };
    const { code, stderr } = await quiesce('matrix', ...only);
    expect(code).toBe(130);
    expect(stderr).toBe('quiesce: interrupted\n');
    change = (account) => account;
    asked = [];
    expect((await quiesce('matrix', ...only)).code).toBe(0);
    expect(asked).toHaveLength(1);
  });
});

it('quiesce lab doctor says what each program is for', async () => {
  const { code, stdout } = await quiesce('doctor');
  expect([0, 3]).toContain(code);
  expect(stdout).toMatch(/qemu-system-x86_64 {2}the machine that crashes/);
});
