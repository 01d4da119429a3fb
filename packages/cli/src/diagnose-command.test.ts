import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { preset } from '@quiesce/machine';
import { afterAll, describe, expect, it } from 'vitest';
import { ownStrategies } from './input/own-strategies.ts';
import { buildProgram, type CommandIo } from './program.ts';
import { runCommand } from './run-command.ts';
import { runInProcess } from './testing/fake-io.ts';

/** Rows of the data file of causes, which only the package of diagnoses reads otherwise. */
const causeData = JSON.parse(
  readFileSync(new URL('../../diagnose/src/causes/causes.json', import.meta.url), 'utf8'),
) as {
  causes: {
    id: string;
    title: string;
    confirm: string[];
    remedy: string[];
    cases: string[];
    replay: string;
  }[];
};

const folder = mkdtempSync(path.join(tmpdir(), 'quiesce-diagnose-'));
afterAll(() => rmSync(folder, { recursive: true }));
const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));

function file(name: string, content: string | Uint8Array): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

const crashLog = `[    0.000000] Linux version 6.1.0 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 intel_iommu=on elfcorehdr=0x2e000000 reset_devices
[    1.410000] DMAR: Translation was enabled for dmar0 but we are not in kdump mode
[    1.480000] DMAR: Intel(R) Virtualization Technology for Directed I/O
[    1.500000] DMAR: DRHD: handling fault status reg 3
[    1.500001] DMAR: [DMA Write NO_PASID] Request device [01:00.0] fault addr 0xfffef000 [fault reason 0x05] PTE Write access is not set
[    1.500002] DMAR: [DMA Write NO_PASID] Request device [02:00.7] fault addr 0xfffee000 [fault reason 0x05] PTE Write access is not set
`;
const log = file('crash.log', crashLog);

describe('quiesce diagnose', () => {
  it('says first what it comes to, then the causes with their lines, then the rest', async () => {
    const { code, stdout } = await runInProcess(['diagnose', log]);
    expect(code).toBe(0);
    const order = [
      'CRITICAL: 2 DMA faults',
      'Likely causes',
      '- line 3: DMAR: Translation was',
      'npx quiesce record',
      'Faults\n',
      'Kernels\n',
    ];
    const at = order.map((text) => stdout.indexOf(text));
    expect(at, stdout).toEqual([...at].sort((a, b) => a - b));
    expect(at).not.toContain(-1);
    for (const line of stdout.split('\n'))
      if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('ties requesters to a capture', async () => {
    const machine = preset('q35-lab');
    const rows = machine.functions.map(({ name, config }) => {
      const bytes = config.match(/../g) ?? [];
      const lines = Array.from({ length: bytes.length / 16 }, (_, row) => {
        const offset = (row * 16).toString(16).padStart(2, '0');
        return `${offset}: ${bytes.slice(row * 16, row * 16 + 16).join(' ')}`;
      });
      return `${name.slice(5)} Device\n${lines.join('\n')}\n`;
    });
    const lspci = file('lspci.txt', rows.join('\n'));
    const { stdout } = await runInProcess(['diagnose', log, '--capture', lspci, '-f', 'json']);
    const { ties } = JSON.parse(stdout) as {
      ties: { requester: string; how: string; functions: string[] }[];
    };
    expect(ties).toMatchObject([
      { requester: '01:00.0', how: 'itself', functions: ['0000:01:00.0'] },
      { requester: '02:00.7', how: 'hidden-function', functions: [] },
    ]);
    const table = await runInProcess(['diagnose', log, '--capture', lspci], 120);
    expect(table.stdout).toContain('Who stands behind the requester IDs');
  });

  it('asks whether a capture is of the same machine where nothing fits', async () => {
    const other = file(
      'other.txt',
      `00:00.0 Host bridge\n${Array.from({ length: 4 }, (_, row) => `${row}0: 86 80 ${'00 '.repeat(14)}`).join('\n')}\n`,
    );
    const { stdout } = await runInProcess(['diagnose', log, '--capture', other], 120);
    expect(stdout).toContain('Is it the machine of the log?');
  });

  it('writes Markdown, HTML and JSON, also into a file', async () => {
    const markdown = await runInProcess(['diagnose', log, '-f', 'markdown']);
    expect(markdown.stdout).toMatch(/^# Diagnosis/m);
    const page = path.join(folder, 'page.html');
    const html = await runInProcess(['diagnose', log, '-f', 'html', '-o', page]);
    expect(html.stdout).toBe('');
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
    const json = await runInProcess(['diagnose', log, '-f', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'quiesce/diagnosis/1',
      verdict: 'remapping-trouble',
    });
  });

  it('shows what most readers skip with --all', async () => {
    const few = await runInProcess(['diagnose', log]);
    const all = await runInProcess(['diagnose', log, '--all']);
    expect(few.stdout).toContain('Not shown: ');
    expect(all.stdout).toContain('remapping hardware and phases\n');
  });

  it('asks for properties with --require', async () => {
    const bad = await runInProcess(['diagnose', log, '--require', 'no-remapping-trouble,no-faults']);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toBe(
      'quiesce: no-remapping-trouble does not hold\nquiesce: no-faults does not hold\n',
    );
    const calm = file('calm.log', crashLog.split('\n').slice(0, 2).join('\n'));
    expect((await runInProcess(['diagnose', calm, '--require', 'no-remapping-trouble'])).code).toBe(0);
    const unknown = await runInProcess(['diagnose', log, '--require', 'peace']);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('expected no-remapping-trouble');
  });

  it('reads gzip, and what is left of it where it ends too early', async () => {
    const packed = gzipSync(crashLog.repeat(50));
    const whole = await runInProcess(['diagnose', file('whole.gz', packed), '-f', 'json']);
    expect((JSON.parse(whole.stdout) as { lines: number }).lines).toBe(350);
    const cut = await runInProcess([
      'diagnose',
      file('cut.gz', packed.subarray(0, packed.length - 20)),
      '-f',
      'json',
    ]);
    expect(cut.code).toBe(0);
    expect((JSON.parse(cut.stdout) as { notes: { message: string }[] }).notes[0]?.message).toContain('gzip');
  });

  it('reads standard input', async () => {
    const said: string[] = [];
    const io = {
      stdout: { write: (text: string) => said.push(text) },
      stderr: { write: (text: string) => said.push(text) },
      cwd: folder,
      stdin: (async function* () {
        for (let at = 0; at < crashLog.length; at += 7) yield Buffer.from(crashLog.slice(at, at + 7));
      })(),
    } as unknown as CommandIo;
    expect(await runCommand(['diagnose', '-', '-f', 'json'], io)).toBe(0);
    expect(JSON.parse(said.join(''))).toMatchObject({ file: 'standard input', faults: { dma: 2 } });
  });

  it('lets no control character of a log reach a terminal', async () => {
    const hostile = file(
      'hostile.log',
      crashLog.replaceAll('DMAR: Translation', 'DMAR: \u001b]0;x\u0007\u202eTranslation'),
    );
    for (const format of ['terminal', 'markdown', 'html']) {
      const { stdout } = await runInProcess(['diagnose', hostile, '--all', '-f', format]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    }
  });
});

describe('logs that are none', () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7919) >>> 3);
  const empty = file('empty', '');
  it.each([
    ['empty', empty, /is empty \(expected a kernel log\)/],
    ['a folder', folder, /is a folder/],
    ['endless', '/dev/zero', /is a device or a socket/],
    ['missing', path.join(folder, 'missing'), /there is no such file/],
    ['packed otherwise', file('log.xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4)), /xz -dc/],
  ])('%s: one line, and exit code 2', async (_, name, message) => {
    if (name === '/dev/zero' && !existsSync(name)) return;
    const { code, stderr, stdout } = await runInProcess(['diagnose', name]);
    expect(stderr).toMatch(/^quiesce: [^\n]+\n$/);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    ['binary', file('binary', bytes)],
    ['prose', file('prose.txt', 'Dear list,\nnothing here is a log.\n')],
    ['one endless line', file('line', 'x'.repeat(300_000))],
  ])('%s: said to be no kernel log', async (_, name) => {
    const { code, stdout } = await runInProcess(['diagnose', name]);
    expect(stdout).toContain('Nothing here looks like the log of a kernel');
    expect(code).toBe(0);
  });

  it('of holes only', async () => {
    const sparse = file('sparse', '');
    truncateSync(sparse, 2 ** 25);
    expect((await runInProcess(['diagnose', sparse])).stdout).toContain('Nothing here looks like');
  });

  it('a capture that cannot be read is found out before the log is read', async () => {
    const { code, stderr } = await runInProcess(['diagnose', log, '--capture', path.join(folder, 'absent')]);
    expect(stderr).toMatch(/^quiesce: [^\n]*absent[^\n]*\n$/);
    expect(code).toBe(2);
  });
});

describe('what causes point to', () => {
  const ids = new Set(caseIds());

  it.each(causeData.causes.map((one) => [one.id, one] as const))(
    '%s: cases exist, and the command is one of ours',
    (_, cause) => {
      for (const id of cause.cases) expect(ids).toContain(id);
      checkCommand(cause.replay);
    },
  );

  it('causes have words for everything', () => {
    const names = causeData.causes.map((one) => one.id);
    expect(new Set(names).size).toBe(names.length);
    for (const one of causeData.causes) {
      expect(one.confirm.length, one.id).toBeGreaterThan(0);
      expect(one.remedy.length, one.id).toBeGreaterThan(0);
      expect(one.title, one.id).not.toMatch(/\.$/);
    }
  });

  function checkCommand(line: string): void {
    const words = line.split(' ');
    expect(words.slice(0, 2)).toEqual(['npx', 'quiesce']);
    const argv = words.slice(2);
    const io = { stdout: process.stdout, stderr: process.stderr, cwd: folder };
    const command = buildProgram(io, () => {}).commands.find((one) => one.name() === argv[0]);
    expect(command, line).toBeDefined();
    const { operands, unknown } = command?.parseOptions(argv.slice(1)) ?? { operands: [], unknown: ['?'] };
    expect(unknown, line).toEqual([]);
    expect(operands.length, line).toBeLessThanOrEqual(command?.registeredArguments.length ?? 0);
    const value = (option: string): string | undefined => argv[argv.indexOf(option) + 1];
    if (argv.includes('--case')) expect(ids).toContain(value('--case'));
    if (argv.includes('--strategy')) {
      for (const name of value('--strategy')?.split(',') ?? []) expect(ownStrategies).toContain(name);
    }
  }
});

function caseIds(): string[] {
  const cases = fileURLToPath(new URL('../../record/cases/', import.meta.url));
  return causeData.causes.flatMap((one) => one.cases).filter((id) => existsSync(`${cases}${id}.json`));
}

it.skipIf(!existsSync(shared))('a real console log and the machine that it is of', async () => {
  const lab = `${shared}ground-truth/`;
  const argv = ['diagnose', `${lab}console-b-both-kernels.log`, '--capture', `${lab}lspci-nnvvv-xxxx.txt`];
  const { code, stdout } = await runInProcess(argv, 120);
  expect(code).toBe(0);
  expect(stdout).toMatch(/06:00\.0 +0000:06:00\.0/);
});
