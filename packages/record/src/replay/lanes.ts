import { UserError } from '@quiesce/simulation';
import { Tinypool } from 'tinypool';
import { strategyLoader } from './load-strategy.ts';
import { type LoadStrategy, runSeeds, type SeedTallies, type SeedTask } from './run-seeds.ts';

/** Runs one task. @throws UserError with what the case or its strategy has wrong */
export type RunTask = (task: SeedTask) => Promise<SeedTallies>;

/** What a worker answers: errors cross as data, because classes do not. */
export type LaneAnswer =
  | SeedTallies
  | { readonly error: { readonly code: string; readonly message: string } };

/** What a worker is asked. */
export interface LaneTask extends SeedTask {
  readonly lookUpFrom: readonly string[];
}

/** Processes side by side, each for every strategy: what they have compiled stays compiled. */
export class SeedLanes {
  readonly #pool: Tinypool | undefined;
  readonly #lookUpFrom: readonly string[];
  readonly #limitMs: number;
  readonly #here: RunTask;

  constructor(options: {
    readonly workers: number;
    readonly lookUpFrom: readonly string[];
    readonly timeLimitSeconds: number;
    readonly load: LoadStrategy | undefined;
  }) {
    const { workers, lookUpFrom } = options;
    this.#lookUpFrom = lookUpFrom;
    this.#limitMs = options.timeLimitSeconds * 1000;
    const load = options.load ?? strategyLoader(lookUpFrom);
    this.#here = (task) => runSeeds(task, load);
    if (workers === 0) return;
    this.#pool = new Tinypool({
      filename: new URL('./replay-worker.js', import.meta.url).href,
      runtime: 'child_process',
      minThreads: workers,
      maxThreads: workers,
      isolateWorkers: false,
    });
  }

  async run(task: SeedTask): Promise<SeedTallies> {
    if (this.#pool === undefined) return this.#here(task);
    const asked: LaneTask = { ...task, lookUpFrom: this.#lookUpFrom };
    const signal = AbortSignal.timeout(this.#limitMs);
    const answer = (await this.#pool.run(asked, { signal })) as LaneAnswer;
    if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
    return answer;
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}
