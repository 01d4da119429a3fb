import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownCases, readCases } from './read-cases.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the record', () => {
  const cases = readCases();

  it('has at least 45 cases, of which at most three are unexplained', () => {
    expect(cases.length).toBeGreaterThanOrEqual(45);
    expect(cases.filter((one) => one.unexplained !== undefined).length).toBeLessThanOrEqual(3);
  });

  it('goes by date', () => {
    const dates = cases.map(({ date }) => date);
    expect(dates).toEqual([...dates].sort());
  });

  it('asks for a thousand crashes where a share is stated', () => {
    for (const { id, observed, seeds } of cases) {
      if (observed.some(({ share }) => share === 'sometimes')) expect(seeds, id).toBeGreaterThanOrEqual(1000);
    }
  });

  it('takes further folders, and no id twice', () => {
    copyFileSync(path.join(ownCases, 'measured-copy.json'), path.join(folder, 'measured-copy.json'));
    expect(readCases([folder])).toHaveLength(1);
    expect(() => readCases([ownCases, folder])).toThrow(/measured-copy is there twice/);
    rmSync(path.join(folder, 'measured-copy.json'));
  });

  it('does not read files beyond all measure', () => {
    writeFileSync(path.join(folder, 'long.json'), ' '.repeat(1_000_001));
    expect(() => readCases([folder])).toThrow(/1000001 bytes/);
  });
});
