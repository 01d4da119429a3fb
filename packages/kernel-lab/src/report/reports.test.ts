import { describe, expect, it } from 'vitest';
import { predict } from '../prediction/predict.ts';
import { compareRecorded } from '../recorded/compare-recorded.ts';
import { recordedRuns } from '../recorded/recorded-runs.ts';
import { idle, modelAsKernel, requestOf, withFaults } from '../testing/model-as-kernel.ts';
import { labJunit } from './junit.ts';
import { labMarkdown } from './lab-markdown.ts';
import { type LabReport, labReport } from './lab-report.ts';
import { combinationsMarkdown, matrixMarkdown, summariseMatrix } from './matrix-markdown.ts';

const NIC = '0000:01:00.0';
const request = requestOf({ tables: 'no-copy' }, { runs: 2, keep: '/kept' });
const predictions = predict({
  machine: request.machine,
  plugin: idle,
  kernel: '6.1.192',
  variant: request.variant,
  seeds: [1, 2, 3],
});

function report(change?: Parameters<typeof modelAsKernel>[1]): LabReport {
  const result = modelAsKernel(request, change);
  return labReport({ request, kernelVersion: '6.1.192', predictions, result });
}

const agreeing = report();
const differing = report((account) =>
  withFaults({ ...account, dump: { exists: true } }, NIC, 'initcalls', 3, [9]),
);

describe('a report', () => {
  it('counts what agrees, run by run', () => {
    expect(agreeing.runs).toHaveLength(2);
    expect(agreeing.totals.disagrees).toBe(0);
    expect(agreeing.totals.agrees).toBeGreaterThan(400);
    expect(differing.totals.disagrees).toBe(4);
    expect(JSON.parse(JSON.stringify(differing))).toEqual(differing);
  });

  it('has a row a device, with the worst of its cells', () => {
    const nic = differing.devices.find(({ device }) => device === NIC);
    expect(nic?.phases.initcalls).toMatchObject({
      standing: 'disagrees',
      observed: { least: 3, most: 3, reasons: [9] },
    });
    expect(nic?.phases.iommu_init?.standing).toBe('agrees');
    expect(nic).toMatchObject({ predicted: ['working'], observed: ['working'], standing: 'agrees' });
  });

  it('of the model alone compares nothing', () => {
    const dry = labReport({ request, kernelVersion: '6.1.192', predictions });
    expect(dry).toMatchObject({ runs: [], kernelRelease: null, totals: { agrees: 0, disagrees: 0 } });
    expect(labMarkdown(dry)).toContain('no kernel was run');
    expect(labMarkdown(dry)).toContain(NIC);
  });
});

describe('as JUnit', () => {
  it('has a suite a run, and a failure for what disagrees', () => {
    const xml = labJunit([differing]);
    expect(xml.match(/<testsuite /g)).toHaveLength(2);
    // Of each run: the device in its phase, and the dump.
    expect(xml.match(/<failure /g)).toHaveLength(4);
    expect(xml).toMatch(/<testsuites tests="\d+" failures="4" errors="0"/);
    expect(xml).toContain('0000:01:00.0 in initcalls: fault reasons: the model says 5 6, the kernel 9');
    expect(xml).toContain('/kept/run-2/console.log');
    expect(labJunit([agreeing])).not.toContain('<failure');
  });

  it('can be read whatever a console had said', () => {
    const xml = labJunit([
      report((account) => ({ ...account, stopped: '\u001b[31m<oops> & \u0000', reached: 'drivers' })),
    ]);
    expect(xml).toContain('?[31m&lt;oops> &amp; ?');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });
});

describe('as Markdown', () => {
  it('shows both sides, and says what differs', () => {
    const text = labMarkdown(differing);
    expect(text).toContain('4 disagree');
    expect(text).toMatch(/\| 0000:01:00.0 \|.* \/ 3 \(9\) ✗ \|/);
    expect(text).toContain('- run: dump: the model says none, the kernel exists');
    expect(labMarkdown(agreeing)).not.toContain('✗');
  });
});

describe('the matrix', () => {
  const combination = {
    machine: 'q35-lab',
    strategy: 'none',
    kernel: 'debian-6.1.192',
    variant: { tables: 'no-copy' },
  } as const;
  const compared = [
    compareRecorded(recordedRuns(combination, modelAsKernel(request)), idle, [1, 2, 3]),
    compareRecorded(
      recordedRuns(
        combination,
        modelAsKernel(request, (account) => withFaults(account, NIC, 'setup_arch', 1, [5])),
      ),
      idle,
      [1, 2, 3],
    ),
  ];

  it('adds up recorded runs beside the model of today', () => {
    const summary = summariseMatrix(compared);
    expect(summary).toMatchObject({ combinations: 2, machines: 1, runs: 4, totals: { disagrees: 2 } });
    expect(summary.faults.counts.none?.faults).toBe(2);
    expect(summary.verdicts).toMatchObject({ disagrees: 0, predicted: ['working', 'no-driver'] });
    const text = matrixMarkdown(summary);
    expect(text).toContain('| none | 2 |');
    expect(text).toMatch(/disagree\. Faults or none came as predicted in 9\d\.\d % of/);
  });

  it('has a row a combination', () => {
    expect(combinationsMarkdown(compared).split('\n').slice(2)).toEqual([
      expect.stringMatching(/^\| q35-lab \| none \| 6\.1\.192 \| no copy \| 2 \| \d+ \| 0 \| 0 \|$/),
      expect.stringMatching(/\| 2 \|$/),
    ]);
  });
});
