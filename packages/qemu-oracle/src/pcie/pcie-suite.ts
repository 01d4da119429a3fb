import { QemuProcess } from '@quiesce/qemu-control';
import fc from 'fast-check';
import type {
  DeviationCount,
  DifferentialSuite,
  Disagreement,
  OpenSuite,
  SuiteOptions,
  SuiteReport,
} from '../runner/differential-suite.ts';
import { behaviourDeviations } from './behaviour-deviations.ts';
import { bitDeviations } from './bit-deviations.ts';
import type { PcieCase } from './case.ts';
import { type CorpusEntry, corpus } from './corpus.ts';
import { PcieOracle } from './oracle.ts';
import { randomCase } from './random-case.ts';
import { sweepCases } from './sweep.ts';
import { treeArguments } from './tree.ts';

/** Cases between two fresh starts of both sides; what a replay by number of chunk plays. */
const CHUNK = 200;
/** Seeds of neighbouring chunks are this far apart. */
const SEED_STEP = 0x9e37_79b1;

/** `pcie-model` against QEMU's own PCI Express: config space, routing, windows, resets. */
export const pcieSuite: DifferentialSuite = {
  name: 'pcie',
  description: 'pcie-model: config space, routing and windows of a tree of eleven bridges, and resets',
  open: async (): Promise<OpenSuite> => {
    const qemu = await QemuProcess.start({ arguments: treeArguments() });
    try {
      return new OpenPcieSuite(qemu, await PcieOracle.open(qemu.qtest));
    } catch (error) {
      await qemu.close();
      throw error;
    }
  },
};

class OpenPcieSuite implements OpenSuite {
  readonly #qemu: QemuProcess;
  readonly #oracle: PcieOracle;

  constructor(qemu: QemuProcess, oracle: PcieOracle) {
    this.#qemu = qemu;
    this.#oracle = oracle;
  }

  async run(options: SuiteOptions): Promise<SuiteReport> {
    const started = performance.now();
    const oracle = this.#oracle;
    oracle.forgetCounts();
    let corpusCases = 0;
    let cases = 0;
    let found: Disagreement | undefined;
    if (options.path !== undefined) {
      cases = 1;
      found = await this.#replay(options.seed, options.path);
    } else {
      for (const { name, cases: sequence } of fixedCases()) {
        await oracle.restart();
        const difference = await oracle.round(sequence);
        corpusCases += sequence.length;
        if (difference === undefined) continue;
        const one = sequence.slice(difference.caseIndex, difference.caseIndex + 1);
        const alone = (await oracle.alone(one)) !== undefined;
        found = {
          seed: options.seed,
          path: '',
          summary: `corpus, ${name}: ${difference.summary}`,
          case: alone ? one : sequence.slice(0, difference.caseIndex + 1),
        };
        break;
      }
      for (let chunk = 0; found === undefined && cases < options.cases; chunk++) {
        const count = Math.min(CHUNK, options.cases - cases);
        found = await this.#chunk(options.seed, chunk, count);
        cases += count;
        options.progress?.(cases);
      }
    }
    return {
      suite: pcieSuite.name,
      seed: options.seed,
      cases,
      corpusCases,
      seconds: (performance.now() - started) / 1000,
      disagreements: found === undefined ? [] : [found],
      deviations: [
        ...bitDeviations.map(
          ({ id, reason }): DeviationCount => ({ id, reason, occurrences: oracle.occurrences(id) }),
        ),
        ...behaviourDeviations.map(({ id, reason, counted }): DeviationCount => {
          return { id, reason, occurrences: oracle.player.tally[counted ?? ''] ?? 0 };
        }),
      ],
      tally: { ...oracle.player.tally },
    };
  }

  async close(): Promise<void> {
    await this.#qemu.close();
  }

  async #chunk(seed: number, chunk: number, count: number): Promise<Disagreement | undefined> {
    const oracle = this.#oracle;
    const cases = fc.sample(randomCase, { seed: seedOf(seed, chunk), numRuns: count });
    await oracle.restart();
    const difference = await oracle.round(cases);
    if (difference === undefined) return undefined;
    const one = cases[difference.caseIndex] as PcieCase;
    if ((await oracle.alone([one])) !== undefined) {
      return this.#replay(seed, `${chunk}:${difference.caseIndex}`);
    }
    // It takes what an earlier case has left: the shortest run of cases that ends with this one.
    for (let first = difference.caseIndex - 1; first >= 0; first--) {
      const sequence = cases.slice(first, difference.caseIndex + 1);
      const summary = await oracle.alone(sequence);
      if (summary !== undefined) return { seed, path: `${chunk}`, summary, case: sequence };
    }
    return { seed, path: `${chunk}`, summary: `${difference.summary}, once`, case: cases };
  }

  /** `chunk`: all of its cases; `chunk:path`: one, with fast-check's path. */
  async #replay(seed: number, path: string): Promise<Disagreement | undefined> {
    const [chunk = '0', ...rest] = path.split(':');
    if (rest.length === 0) return this.#chunk(seed, Number(chunk), CHUNK);
    let summary = '';
    const property = fc.asyncProperty(randomCase, async (one) => {
      const difference = await this.#oracle.alone([one]);
      if (difference === undefined) return;
      summary = difference;
      throw new Error(difference);
    });
    const result = await fc.check(property, {
      seed: seedOf(seed, Number(chunk)),
      path: rest.join(':'),
      numRuns: 1,
    });
    if (!result.failed) return undefined;
    const shrunk = result.counterexample?.[0];
    if (shrunk !== undefined) summary = (await this.#oracle.alone([shrunk])) ?? summary;
    return { seed, path: `${chunk}:${result.counterexamplePath ?? rest.join(':')}`, summary, case: [shrunk] };
  }
}

function fixedCases(): readonly CorpusEntry[] {
  return [...corpus, { name: 'every byte, size and alignment', cases: sweepCases() }];
}

function seedOf(seed: number, chunk: number): number {
  return (seed + Math.imul(chunk, SEED_STEP)) | 0;
}
