import { availableParallelism } from 'node:os';
import type { RecordCase } from '../case/record-case.ts';
import { Lanes } from '../replay/lanes.ts';
import type { LoadStrategy } from '../replay/run-seeds.ts';
import { recordWorlds } from './record-worlds.ts';
import { addSums, noSums, type WorldSums } from './run-world.ts';

/** One strategy over every world of the record. */
export interface RecordStanding extends WorldSums {
  readonly strategy: string;
  /** Worlds in every crash of which the dump was saved and true. */
  worldsSaved: number;
}

/** Strategies over the whole record. */
export interface RecordComparison {
  readonly schema: 'quiesce/record-comparison/1';
  readonly worlds: number;
  readonly seeds: number;
  /** Best first: dumps saved, then the least lost, then the fewest faults. */
  readonly standings: readonly RecordStanding[];
}

/** Which strategies are tried over which cases, and how. */
export interface RecordComparisonRequest {
  readonly cases: readonly RecordCase[];
  /** Names of strategies, with their default options. */
  readonly strategies: readonly string[];
  /** Crashes of each world with each strategy; default 5. */
  readonly seeds?: number;
  /** As in a replay. */
  readonly workers?: number;
  readonly lookUpFrom?: readonly string[];
  readonly load?: LoadStrategy;
  readonly timeLimitSeconds?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Tries every strategy, with its default options, on every machine and pair of kernels of the record.
 * @throws UserError for a strategy that cannot be loaded
 */
export async function compareOverRecord(request: RecordComparisonRequest): Promise<RecordComparison> {
  const worlds = recordWorlds(request.cases);
  const seeds = request.seeds ?? 5;
  const lanes = new Lanes({
    workers: request.workers ?? availableParallelism(),
    lookUpFrom: request.lookUpFrom ?? [],
    timeLimitSeconds: request.timeLimitSeconds ?? 60,
    load: request.load,
  });
  const total = worlds.length * request.strategies.length;
  let done = 0;
  try {
    const standings = await Promise.all(
      request.strategies.map(async (strategy): Promise<RecordStanding> => {
        const sums = noSums();
        let worldsSaved = 0;
        await Promise.all(
          worlds.map(async ({ one }) => {
            const part = await lanes.runWorld({ one, strategy, seeds });
            addSums(sums, part);
            if (part.saved === part.runs) worldsSaved++;
            request.onProgress?.(++done, total);
          }),
        );
        return { strategy, ...sums, worldsSaved };
      }),
    );
    standings.sort(byMerit);
    return { schema: 'quiesce/record-comparison/1', worlds: worlds.length, seeds, standings };
  } finally {
    await lanes.close();
  }
}

function byMerit(a: RecordStanding, b: RecordStanding): number {
  return (
    b.saved - a.saved ||
    a.lost - b.lost ||
    a.dmaFaults + a.interruptFaults + a.systemErrors - (b.dmaFaults + b.interruptFaults + b.systemErrors) ||
    (a.strategy < b.strategy ? -1 : 1)
  );
}
