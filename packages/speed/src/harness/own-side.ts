import { Bench } from 'tinybench';
import type { Measurement, Side } from './side.ts';

/** What a run did, beside taking time. */
export interface WorkDone {
  readonly operations: number;
  readonly check: string;
}

export interface OwnWork {
  /** Not measured; before every run. */
  readonly prepare?: () => void;
  readonly run: () => WorkDone;
}

/** Milliseconds of running before the first measurement, so that the engine has compiled what is hot. */
const WARM_UP_MS = 400;

/** Our side of a race: `run` is repeated for about `milliseconds` each round, and the median counts. */
export function ownSide(work: OwnWork, milliseconds: number = 250): Side {
  let warm = false;
  return {
    name: `quiesce on Node ${process.versions.node}`,
    async measure(): Promise<Measurement> {
      let done: WorkDone | undefined;
      const bench = new Bench({
        time: milliseconds,
        iterations: 3,
        warmup: !warm,
        warmupTime: WARM_UP_MS,
        warmupIterations: 2,
        throws: true,
      });
      const hooks = work.prepare === undefined ? {} : { beforeEach: work.prepare };
      bench.add(
        'own',
        () => {
          done = work.run();
        },
        hooks,
      );
      await bench.run();
      warm = true;
      const result = bench.tasks[0]?.result;
      if (result?.state !== 'completed' || done === undefined) throw new Error('the run was not completed');
      return { seconds: result.latency.p50 / 1000, ...done };
    },
  };
}
