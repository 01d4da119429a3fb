import { readFileSync } from 'node:fs';
import type { PluginReference } from '@quiesce/benchmark';
import { preset } from '@quiesce/machine';
import { htmlReport, markdownReport, terminalReport } from '@quiesce/report';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AssessOptions, assess } from './assess.ts';
import { assessmentDocument } from './document/assessment-document.ts';
import type { Assessment } from './result/assessment.ts';
import { smallMachine } from './testing/small-machine.ts';
import { noHostFacts, withoutHost } from './world/simulated-world.ts';

const strategy = (name: string): PluginReference => ({
  name,
  module: new URL(`./testing/strategies/${name}.js`, import.meta.url).href,
  options: {},
});
const options: AssessOptions = {
  strategies: [strategy('clears')],
  descriptions: { clears: 'Clears Bus Master Enable everywhere.' },
  seeds: 1,
  workers: 0,
};
const schema = JSON.parse(
  readFileSync(new URL('../schema/assessment.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

function expectValid(assessment: Assessment): void {
  validate(JSON.parse(JSON.stringify(assessment)));
  expect(validate.errors).toBeNull();
}

describe('a machine with remapping', () => {
  let assessment: Assessment;
  let told: number[];
  beforeAll(async () => {
    told = [];
    const host = {
      ...noHostFacts(),
      kernelRelease: { value: '3.10.0-327.el7', file: 'uname' },
      crashKernelLoaded: { value: false, file: 'sys/kernel/kexec_crash_loaded' },
    };
    assessment = await assess(
      { ...withoutHost(smallMachine()), host },
      { ...options, crashCommandLine: 'intel_iommu=sm_off irqpol', onProgress: (done) => told.push(done) },
    );
  }, 60_000);

  it('is as its schema says', () => expectValid(assessment));

  it('says what the kernel of the capture does', () => {
    expect(assessment.kernel).toMatchObject({
      release: '3.10.0-327.el7',
      profile: 'linux-3.10',
      match: 'near',
    });
    expect(assessment.kernel?.effects.join()).toContain('intel_iommu=sm_off');
    const copying = assessment.kernel?.defects.find(({ name }) => name === 'no-copy');
    expect(copying).toMatchObject({ applies: true, present: true });
  });

  it('puts what is urgent first, and tells what follows from a rule from what was measured', () => {
    expect(assessment.severity).toBe('critical');
    expect(assessment.advice[0]).toMatchObject({ title: 'Load a crash kernel', kind: 'setting' });
    expect(assessment.advice[0]?.measured).toBeUndefined();
    const measured = assessment.advice.filter((one) => one.measured !== undefined);
    expect(measured.length).toBeGreaterThan(0);
    for (const { measured: worth } of measured) expect(worth?.gain.verdict).toBe('better');
  });

  it('simulates the strategies and eras that it was given, and counts up to the end', () => {
    expect(assessment.strategies.map(({ name }) => name)).toEqual(['clears']);
    expect(assessment.kernels.length).toBeGreaterThan(8);
    expect(told.at(-1)).toBe(told.length);
    const old = assessment.kernels.find(({ name }) => name === 'linux-3.10');
    expect(old?.avoid).toBe(true);
  });

  it('has the linter read the crash kernel’s command line', () => {
    expect(assessment.commandLine.text).toBe('intel_iommu=sm_off irqpol');
    expect(assessment.commandLine.findings.length).toBeGreaterThan(1);
  });

  it('tells one crash by its phases', () => {
    const phases = assessment.story?.phases ?? [];
    expect(phases[0]).toMatchObject({ phase: 'crash', startMs: 0 });
    expect(phases.some(({ phase }) => phase === 'dump')).toBe(true);
    for (const { startMs, endMs } of phases) expect(endMs).toBeGreaterThanOrEqual(startMs);
  });

  it('can be read in every form', () => {
    const document = assessmentDocument(assessment, { titles: new Map(), tool: 'quiesce 1' });
    const terminal = terminalReport(document, { width: 80, details: true });
    expect(terminal).toContain('Load a crash kernel');
    expect(terminal).toContain('case sumner-2014-flood');
    for (const block of document.sections.flatMap(({ blocks }) => blocks)) {
      if (block.kind === 'findings') for (const one of block.findings) expect(one.title).not.toBe('');
    }
    expect(htmlReport(document)).toContain('<svg');
    expect(markdownReport(document)).toContain('Advice, in order of gain');
  });
});

it('versions to avoid are those of this machine: buses with upper context tables alone', async () => {
  const host = { ...noHostFacts(), kernelRelease: { value: '6.12.107+deb13-amd64', file: 'uname' } };
  const { kernel, kernels, advice } = await assess(
    { ...withoutHost(preset('scalable-2026')), host },
    { ...options, strategies: [] },
  );
  const defect = kernel?.defects.find(({ name }) => name === 'upper-context-table');
  expect(defect).toMatchObject({ applies: true, present: true });
  const avoided = kernels.filter(({ avoid }) => avoid).map(({ name }) => name);
  expect(avoided).toContain('linux-6.12.107');
  expect(avoided).not.toContain('linux-6.12.117');
  expect(avoided).not.toContain('linux-6');
  expect(advice.find(({ kind }) => kind === 'kernel')?.title).toContain('7.2.6 and later');
});

describe('machines of other kinds', () => {
  it.each(['epyc-2025', 'arm-server-2026'])(
    '%s is simulated by kernels of its own, and comes to the same again',
    async (name) => {
      const assessment = await assess(withoutHost(preset(name)), { ...options, strategies: [] });
      if (name.startsWith('arm')) {
        expect(await assess(withoutHost(preset(name)), { ...options, strategies: [] })).toEqual(assessment);
      }
      expect(assessment.now?.tally.ended).toBe(assessment.now?.tally.runs);
      expect(assessment.kernel?.profile).toMatch(/^(amd|smmuv3)-/);
      expectValid(assessment);
    },
  );

  it('POWER is told what applies to it', async () => {
    const { units, dmar, ...machine } = preset('q35-lab');
    const host = { ...noHostFacts(), platform: { value: 'power' as const, file: 'log', line: 3 } };
    const assessment = await assess({ ...withoutHost({ ...machine, units: [] }), host }, options);
    expect(assessment).toMatchObject({ now: null, kernel: null, severity: 'note' });
    expect(assessment.summary).toContain('host bridge');
    expect(units.length + (dmar?.length ?? 0)).toBeGreaterThan(0);
    expectValid(assessment);
  });

  it('a machine without remapping is simulated as such', async () => {
    const { dmar: _, ...machine } = smallMachine();
    const assessment = await assess(withoutHost({ ...machine, units: [] }), { ...options, strategies: [] });
    expect(assessment.platform.kind).toBe('unknown');
    expect(assessment.now?.tally.dmaFaults.most).toBe(0);
    expectValid(assessment);
  });

  it('a capture without functions is no error', async () => {
    const assessment = await assess(
      { host: noHostFacts(), sources: [], conflicts: [], notes: [] },
      { ...options, crashCommandLine: 'nr_cpus=1' },
    );
    expect(assessment.limits).toEqual(['No source names a PCI function: nothing is simulated.']);
    expectValid(assessment);
    expect(() => terminalReport(assessmentDocument(assessment))).not.toThrow();
  });

  it('one that the laboratory refuses is told what its bytes say', async () => {
    const machine = smallMachine();
    const assessment = await assess(withoutHost({ ...machine, memoryMap: [] }), options);
    expect(assessment.now).toBeNull();
    expect(assessment.summary).toContain('cannot be simulated');
    expect(assessment.functions).toHaveLength(machine.functions.length);
    expectValid(assessment);
  });

  it('an unknown kernel is a user’s mistake', async () => {
    await expect(
      assess(withoutHost(preset('q35-lab')), { ...options, kernel: 'linux-99' }),
    ).rejects.toMatchObject({ code: 'KERNEL_UNKNOWN' });
  });
});
