import { crash } from '@quiesce/boot-sequencer';
import type { StrategyPlugin } from '@quiesce/strategy';
import type { RecordCase } from '../case/record-case.ts';
import { holds } from '../statement/holds.ts';
import type { ArmName } from '../world/arm.ts';
import { knownArm } from '../world/known-arm.ts';

/** Loads a strategy by the name that a case gives it. */
// biome-ignore lint/suspicious/noExplicitAny: options of any plugin
export type LoadStrategy = (name: string) => Promise<StrategyPlugin<any>>;

/** Some crashes of one arm of a case. */
export interface SeedTask {
  readonly one: RecordCase;
  readonly arm: ArmName;
  readonly firstSeed: number;
  readonly seeds: number;
}

/** How often a statement held, and what was seen in the first run of these. */
export interface Tally {
  readonly held: number;
  readonly example: string;
}

/** What came of a task: one tally a statement, observed ones first, then those of the counterfactual. */
export interface SeedTallies {
  readonly runs: number;
  readonly observed: readonly Tally[];
  readonly instead: readonly Tally[];
  /** The strategy's own failures; a case in which it fails does not agree. */
  readonly strategyFailures: number;
}

/** Runs the crashes of a task. @throws UserError for what is wrong with the case */
export async function runSeeds(task: SeedTask, load: LoadStrategy): Promise<SeedTallies> {
  const arm = knownArm(task.one, task.arm);
  const strategy = await load(arm.strategy);
  const { observed } = task.one;
  const instead = task.one.counterfactual?.instead ?? [];
  const counts = { observed: observed.map(newTally), instead: instead.map(newTally) };
  let strategyFailures = 0;
  for (let seed = task.firstSeed; seed < task.firstSeed + task.seeds; seed++) {
    const result = crash({ ...arm.request, strategy, seed });
    if (result.outcome.strategyFailure !== null) strategyFailures++;
    for (const [statements, tallies] of [
      [observed, counts.observed],
      [instead, counts.instead],
    ] as const) {
      for (const [index, statement] of statements.entries()) {
        const { held, value } = holds(statement, result);
        const tally = tallies[index] as { held: number; example: string };
        if (held) tally.held++;
        if (seed === task.firstSeed) tally.example = shown(value);
      }
    }
  }
  return { runs: task.seeds, ...counts, strategyFailures };
}

function newTally(): { held: number; example: string } {
  return { held: 0, example: '' };
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
