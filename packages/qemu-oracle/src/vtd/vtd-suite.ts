import { QemuError } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import type {
  DifferentialSuite,
  Disagreement,
  SuiteOptions,
  SuiteReport,
} from '../runner/differential-suite.ts';
import { allDeviations } from './all-deviations.ts';
import { readCorpus } from './corpus.ts';
import { DifferentialRun } from './differential-run.ts';
import type { Tally } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { type SuitePart, suiteParts, type TestedUnit, testedUnits } from './suite-parts.ts';

/** One QEMU at a time: that of the unit that is being tested. */
class VtdRun {
  #run: DifferentialRun | undefined;
  #options: SuiteOptions = { cases: 0, seed: 0 };
  #done = 0;
  readonly #deviations: Tally = new Map();
  readonly #tally: Tally = new Map();
  readonly #disagreements: Disagreement[] = [];

  async run(options: SuiteOptions): Promise<SuiteReport> {
    const start = process.hrtime.bigint();
    this.#options = options;
    this.#done = 0;
    for (const one of [this.#deviations, this.#tally]) one.clear();
    this.#disagreements.length = 0;
    const corpus = options.path === undefined ? await this.#corpus() : 0;
    for (const [part, cases, path] of planned(options)) {
      await this.#part(part, cases, path);
      if (this.#disagreements.length > 0) break;
    }
    await this.close();
    return {
      suite: 'vtd',
      seed: options.seed,
      cases: this.#done,
      corpusCases: corpus,
      seconds: Number(process.hrtime.bigint() - start) / 1e9,
      disagreements: [...this.#disagreements],
      deviations: allDeviations.map(({ id, reason }) => ({
        id,
        reason,
        occurrences: this.#deviations.get(id) ?? 0,
      })),
      tally: Object.fromEntries([...this.#tally].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  async close(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined) return;
    add(this.#deviations, run.judge.deviations);
    add(this.#tally, run.judge.tally);
    await run.close();
  }

  async #corpus(): Promise<number> {
    const corpus = readCorpus();
    for (const unit of testedUnits) {
      for (const one of corpus.filter(({ unit: name }) => name === unit.description.name)) {
        const run = await this.#on(unit);
        const before = new Map(run.judge.deviations);
        let problem = await run.compare(one.scenario);
        const met = [...run.judge.deviations].filter(([id, count]) => count > (before.get(id) ?? 0));
        const ids = met.map(([id]) => id).sort();
        if (problem === undefined && ids.join() !== one.deviates.join()) {
          problem = `deviates by [${ids.join(', ')}], and should by [${one.deviates.join(', ')}]`;
        }
        if (problem !== undefined) this.#disagrees(`corpus:${one.name}`, problem, one.scenario);
      }
    }
    return corpus.length;
  }

  async #part(part: SuitePart, cases: number, path: string | undefined): Promise<void> {
    const run = await this.#on(part.unit);
    let lost: QemuError | undefined;
    const property = fc.asyncProperty(part.scenarios, async (scenario) => {
      if (lost !== undefined) throw lost;
      let problem: string | undefined;
      try {
        problem = await run.compare(scenario);
      } catch (error) {
        if (error instanceof QemuError) lost = error;
        throw error;
      }
      if (problem !== undefined) throw new Error(problem);
      this.#done++;
      if (this.#done % 100 === 0) this.#options.progress?.(this.#done);
    });
    const result = await fc.check(property, {
      numRuns: cases,
      seed: seedOf(part, this.#options.seed),
      ...(path === undefined ? {} : { path }),
    });
    if (lost !== undefined) throw lost;
    if (!result.failed) return;
    const problem = result.errorInstance instanceof Error ? result.errorInstance.message : 'failed';
    const [scenario] = result.counterexample as [Scenario];
    this.#disagrees(`${part.name}:${result.counterexamplePath}`, problem, scenario);
  }

  #disagrees(path: string, summary: string, scenario: Scenario): void {
    this.#disagreements.push({ seed: this.#options.seed, path, summary, case: scenario });
  }

  async #on(unit: TestedUnit): Promise<DifferentialRun> {
    if (this.#run?.unit === unit) return this.#run;
    await this.close();
    this.#run = await DifferentialRun.open(unit);
    return this.#run;
  }
}

/** Parts with their numbers of cases, or the one that a path names. */
function planned({ cases, path }: SuiteOptions): [SuitePart, number, string | undefined][] {
  if (path === undefined) {
    return suiteParts.map((part) => [part, Math.ceil((cases * part.share) / 100), undefined]);
  }
  const [name, ...rest] = path.split(':');
  const part = suiteParts.find((one) => one.name === name);
  if (part === undefined || rest.length === 0) {
    const known = suiteParts.map((one) => one.name).join(', ');
    throw new UserError('UNKNOWN_PATH', `${path} names no case`, {
      expected: `one of ${known}, and numbers`,
    });
  }
  return [[part, 1, rest.join(':')]];
}

/** Each part has random numbers of its own. */
function seedOf(part: SuitePart, seed: number): number {
  return (seed * 31 + suiteParts.indexOf(part)) | 0;
}

function add(sum: Tally, more: Tally): void {
  for (const [name, count] of more) sum.set(name, (sum.get(name) ?? 0) + count);
}

/** `vtd-iommu` beside QEMU's intel-iommu. */
export const vtdSuite: DifferentialSuite = {
  name: 'vtd',
  description: 'registers, tables, caches, faults and interrupts of vtd-iommu, beside intel-iommu',
  open: () => Promise.resolve(new VtdRun()),
};
