import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hexToBytes, preset } from '@quiesce/machine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownStrategies } from './input/own-strategies.ts';
import { runInProcess } from './testing/fake-io.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assess-'));
const fleet = path.join(folder, 'fleet');
const capture = path.join(fleet, 'lab');
afterAll(() => rmSync(folder, { recursive: true }));

/** A card, a drive behind a switch, and the ports above them. */
const kept = ['00:00.0', '00:01.0', '01:00.0', '00:02.0', '02:00.0', '03:00.0', '03:01.0', '05:00.0'].map(
  (name) => `0000:${name}`,
);

/** Nothing but what the kernels do by themselves, one crash of each setup. */
const quick = ['--workers', '0', '--seeds', '1', '--strategies', ownStrategies[0] ?? ''];

beforeAll(() => {
  const { functions, dmar } = preset('q35-lab');
  const few = functions.filter(({ name }) => kept.includes(name));
  mkdirSync(capture, { recursive: true });
  const rows = few.map(({ name, config, label }) => {
    const lines = (config.slice(0, 512).match(/.{32}/g) ?? []).map(
      (row, index) => `${(index * 16).toString(16).padStart(2, '0')}: ${(row.match(/../g) ?? []).join(' ')}`,
    );
    return `${name} Class: ${label ?? 'Device'}\n${lines.join('\n')}\n`;
  });
  writeFileSync(path.join(capture, 'lspci-xxx.txt'), rows.join('\n'));
  writeFileSync(path.join(capture, 'DMAR'), hexToBytes(dmar ?? '') ?? '');
  writeFileSync(path.join(fleet, 'notes.txt'), 'nothing of a machine\n');
});

describe('one machine', () => {
  it('is assessed at a terminal, the answer first', async () => {
    const { code, stdout, stderr } = await runInProcess(['assess', capture, ...quick, '-k', 'linux-3.10']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('Assessment of lab');
    for (const part of [
      'Advice, in order of gain',
      'What stays at risk',
      'Kernel versions on this machine',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/case [\w.-]+: [A-Z]/);
  });

  it('is written as JSON into a file, with the kernel and the command line that were asked for', async () => {
    const file = path.join(folder, 'lab.json');
    const argv = [
      'assess',
      capture,
      ...quick,
      '-k',
      'linux-5.10',
      '-c',
      'nr_cpus=1 irqpol',
      '-f',
      'json',
      '-o',
      file,
    ];
    const { code, stdout } = await runInProcess(argv);
    expect([code, stdout]).toEqual([0, '']);
    const assessment = JSON.parse(readFileSync(file, 'utf8'));
    expect(assessment.schema).toBe('quiesce/assessment/1');
    expect(assessment.kernel.profile).toBe('linux-5.10');
    expect(assessment.functions).toHaveLength(kept.length);
    expect(assessment.commandLine.findings.some(({ title }: { title: string }) => title !== '')).toBe(true);
  });
});

describe('a fleet', () => {
  it('is ranked as CSV, and what is no capture has its own row', async () => {
    const { code, stdout } = await runInProcess(['assess', '--fleet', fleet, ...quick, '-f', 'csv']);
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/^1,lab,/);
    expect(rows[2]).toMatch(/^,notes\.txt,.*CAPTURE_EMPTY/);
  });
});

describe('what cannot be assessed', () => {
  it.each([
    [['assess'], 'no capture is given'],
    [['assess', 'nowhere'], 'cannot be read'],
    [['assess', capture, '--fleet', fleet], 'exclude each other'],
    [['assess', capture, '-f', 'csv'], 'goes with --fleet'],
    [['assess', capture, '-k', 'linux-99'], 'no kernel profile "linux-99"'],
    [['assess', '--fleet', path.join(fleet, 'notes.txt')], 'it is no folder'],
  ])('%j', async (argv, message) => {
    const { code, stderr } = await runInProcess(argv);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
