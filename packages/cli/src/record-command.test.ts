import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCases } from '@quiesce/record';
import { afterAll, describe, expect, it } from 'vitest';
import { runInProcess } from './testing/fake-io.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

const known = readCases().find((one) => one.id === 'measured-uhci-handoff');

describe("one case's story", () => {
  const story = ['record', '--case', 'measured-uhci-handoff', '--workers', '0'];

  it('has the report, the log, the phases, and both judgements', async () => {
    const { code, stdout } = await runInProcess(story, 100);
    expect(code).toBe(0);
    for (const part of ['Reported', 'Set up', 'One crash', 'Phase by phase', 'Over 4 instants: agrees']) {
      expect(stdout).toContain(part);
    }
    expect(stdout).toMatch(/iommu_init +\d+ +[\d.k]+/);
    expect(stdout).toContain('the outcome changes');
  });

  it('without its cause it is another one', async () => {
    const { stdout } = await runInProcess([...story, '--without-cause', '--format', 'json']);
    const { crash, replayed } = JSON.parse(stdout);
    expect(Object.keys(crash.outcome.dmaFaults.byRequester)).toContain('00:1d.0');
    expect(replayed.verdict).toBe('agrees');
  });
});

describe('what cannot be told', () => {
  it.each([
    [['--case', 'uhci'], 'is not in the record (expected measured-uhci-handoff)'],
    [['--case', 'nope'], 'an id that `quiesce record` shows'],
    [['--case', 'xen-2011-revert', '--without-cause'], 'has no known cause'],
    [['--cases', '/nonexistent'], 'no such file or directory'],
    [['--seed', 'x', '--case', 'a'], '--seed x is out of range'],
  ])('%j', async (argv, message) => {
    const { code, stderr } = await runInProcess(['record', ...argv]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('a malformed case: file, line and what was expected', async () => {
    writeFileSync(
      path.join(folder, 'mine.json'),
      JSON.stringify({ ...known, id: 'mine', standing: 'rumour' }, null, 2),
    );
    const { code, stderr } = await runInProcess(['record', '--cases', folder]);
    expect(stderr).toMatch(
      /mine\.json, line \d+: \/standing .*expected "reported", "measured", "prediction"/,
    );
    expect(code).toBe(2);
  });
});
