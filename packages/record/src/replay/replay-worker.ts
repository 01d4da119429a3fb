import { UserError } from '@quiesce/simulation';
import { type LaneAnswer, perform, type SentTask } from './lanes.ts';
import { strategyLoader } from './load-strategy.ts';
import type { LoadStrategy } from './run-seeds.ts';

let load: LoadStrategy | undefined;

/** Does one task; every task of a process looks strategies up in the same folders. */
export default async function replayTask({ task, lookUpFrom }: SentTask): Promise<LaneAnswer> {
  load ??= strategyLoader(lookUpFrom);
  try {
    return { result: await perform(task, load) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: error instanceof UserError ? error.code : 'INTERNAL', message } };
  }
}
