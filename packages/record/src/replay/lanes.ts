import { UserError } from '@quiesce/simulation';
import { Tinypool } from 'tinypool';
import { runWorld, type WorldSums, type WorldTask } from '../standing/run-world.ts';
import { strategyLoader } from './load-strategy.ts';
import { type LoadStrategy, runSeeds, type SeedTallies, type SeedTask } from './run-seeds.ts';

/** What a lane can be asked. */
export type LaneTask = (SeedTask & { readonly kind: 'seeds' }) | (WorldTask & { readonly kind: 'world' });

/** What a worker answers: errors cross as data, because classes do not. */
export type LaneAnswer =
  | { readonly result: SeedTallies | WorldSums }
  | { readonly error: { readonly code: string; readonly message: string } };

/** A task as it crosses to a worker. */
export interface SentTask {
  readonly task: LaneTask;
  readonly lookUpFrom: readonly string[];
}

/** Processes side by side, each for every strategy: what they have compiled stays compiled. */
export class Lanes {
  readonly #pool: Tinypool | undefined;
  readonly #lookUpFrom: readonly string[];
  readonly #limitMs: number;
  readonly #load: LoadStrategy;
  readonly #workers: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /** `workers` 0 runs everything in this process, without a time limit. */
  constructor(options: {
    readonly workers: number;
    readonly lookUpFrom: readonly string[];
    readonly timeLimitSeconds: number;
    readonly load: LoadStrategy | undefined;
  }) {
    const { workers, lookUpFrom } = options;
    this.#lookUpFrom = lookUpFrom;
    this.#limitMs = options.timeLimitSeconds * 1000;
    this.#workers = workers;
    this.#load = options.load ?? strategyLoader(lookUpFrom);
    if (workers === 0) return;
    this.#pool = new Tinypool({
      filename: new URL('./replay-worker.js', import.meta.url).href,
      runtime: 'child_process',
      minThreads: workers,
      maxThreads: workers,
      isolateWorkers: false,
    });
  }

  /** @throws UserError with what the case or its strategy has wrong, or `TIME_LIMIT` */
  runSeeds(task: SeedTask): Promise<SeedTallies> {
    if (this.#pool === undefined) return runSeeds(task, this.#load);
    return this.#send({ kind: 'seeds', ...task }) as Promise<SeedTallies>;
  }

  /** @throws UserError with what the case or the strategy has wrong, or `TIME_LIMIT` */
  runWorld(task: WorldTask): Promise<WorldSums> {
    if (this.#pool === undefined) return runWorld(task, this.#load);
    return this.#send({ kind: 'world', ...task }) as Promise<WorldSums>;
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  /** The time limit counts from when a worker begins: a task waits here for one that is free. */
  async #send(task: LaneTask): Promise<SeedTallies | WorldSums> {
    while (this.#busy >= this.#workers) await new Promise<void>((free) => this.#waiting.push(free));
    this.#busy++;
    const signal = AbortSignal.timeout(this.#limitMs);
    try {
      const sent: SentTask = { task, lookUpFrom: this.#lookUpFrom };
      const answer = (await this.#pool?.run(sent, { signal })) as LaneAnswer;
      if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
      return answer.result;
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new UserError('TIME_LIMIT', `did not end within ${this.#limitMs / 1000} s`);
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }
}

/** Does a task in this process. @throws UserError */
export function perform(task: LaneTask, load: LoadStrategy): Promise<SeedTallies | WorldSums> {
  return task.kind === 'seeds' ? runSeeds(task, load) : runWorld(task, load);
}
