import type { Comparison } from '@quiesce/benchmark';
import { preset } from '@quiesce/machine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { comparisonReport } from './comparison-report.ts';

type Run = Comparison['runs'][number];

function run(strategy: string, faults: number, changes: Partial<Run> = {}): Run {
  const counted = { total: faults, byRequester: {}, firstMs: null, lastMs: null };
  return {
    strategy,
    kernel: 'linux-3.10',
    seed: 1,
    failure: null,
    outcome: {
      dump: faults > 0 ? 'lost' : 'saved',
      stoppedAt: faults > 0 ? { phase: 'iommu_init', cause: 'the firmware does not return' } : null,
      dmaFaults: counted,
      interruptFaults: counted,
      interrupts: { stray: 0, staleInService: [], receiveAcceptErrors: 0 },
      systemErrors: faults,
      untranslated: { total: faults, byRequester: {} },
      corruption: [],
      devices: { '01:00.0': 'working' },
      domains: {},
      display: 'kept',
      firmwareTraffic: 'none',
      time: { strategyMs: 510, panicToDumpMs: 8100 },
      memory: { extraBytes: 432, allocations: 1 },
      dumpChanges: { bytes: 0, pages: 0 },
      reboot: { verdict: 'completed', cause: null },
      strategyFailure: null,
      traceHash: '0123456789abcdef',
    },
    ...changes,
  };
}

const machine = preset('q35-lab');
const failure = { code: 'TIME_LIMIT', message: 'did not end within 30 s' };
const runs = [run('none', 1234), run('quiet', 0), run('stuck', 0, { outcome: null, failure })];
const comparison: Comparison = {
  schema: 'quiesce/comparison/1',
  machine: { name: 'q35-lab', functions: 19, units: 1 },
  firstKernel: 'same',
  runs,
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

describe('the report', () => {
  it('says what happened, what the columns mean, and how to go on', () => {
    const text = plain(comparisonReport(comparison, machine, 80, 'q35-lab'));
    expect(text).toContain('q35-lab: 19 functions, 1 remapping unit');
    expect(text).toMatch(/linux-3.10 crashes once while the devices work/);
    expect(text).toMatch(/^none +lost +1\.2k/m);
    expect(text).toMatch(/^quiet +saved +0/m);
    expect(text).toMatch(/^stuck +failed +–/m);
    expect(text).toContain('none stopped in iommu_init: the firmware does not return');
    expect(text).toContain('stuck failed: TIME_LIMIT: did not end within 30 s');
    expect(text.replace(/\s+/g, ' ')).toContain('DMA faults: requests that a remapping unit refused');
    expect(text).toContain('--trace none:1');
  });

  it('shows what there is room for', () => {
    expect(plain(comparisonReport(comparison, machine, 80, ''))).not.toMatch(/^strategy.*memory/m);
    expect(plain(comparisonReport(comparison, machine, 120, ''))).toMatch(/^strategy.*memory/m);
  });

  it('keeps to the width of the terminal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 200 }),
        fc.array(fc.record({ name: fc.string({ maxLength: 60 }), faults: fc.nat(1e12) }), { maxLength: 4 }),
        (width, rows) => {
          const some = rows.map(({ name, faults }) => run(name.replace(/\S{25,}/g, 'x'), faults));
          const text = plain(
            comparisonReport({ ...comparison, runs: [...runs, ...some] }, machine, width, ''),
          );
          const longest = Math.max(...text.split('\n').map((line) => line.length));
          expect(longest).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('says how to see what was inferred', () => {
    const inferred = [{ path: '/platform', value: 'none', reason: 'no capture says it' }];
    const text = comparisonReport(comparison, { ...machine, inferred }, 100, '--lspci a.txt');
    expect(plain(text)).toContain('quiesce machines --lspci a.txt');
  });
});

it('Markdown has as many cells in every row, whatever the names are', () => {
  const some = { ...comparison, runs: [...runs, run('a|b\\|\nc', 1)] };
  const lines = comparisonMarkdown(some, machine).trimEnd().split('\n').slice(2);
  const cells = lines.map((line) => line.replace(/\\[\\|]/g, '').split('|').length);
  expect(lines).toHaveLength(6);
  expect(new Set(cells).size).toBe(1);
});
