import type { Result, SideResult } from '../report/result.ts';
import { isMissing, type Limit, type Measurement, type Race, type Side, type Workload } from './side.ts';
import { median } from './statistics.ts';

/**
 * Measures a workload. In a race the sides take turns, round by round, so that what else the machine does meets all
 * of them alike; a ratio is the median of the rounds' ratios.
 */
export async function runWorkload(workload: Workload, rounds: number): Promise<Result> {
  switch (workload.kind) {
    case 'race':
      return runRace(workload, rounds);
    case 'limit':
      return runLimit(workload, rounds);
    case 'skipped':
      return { ...workload, verdict: 'skipped' };
  }
}

async function runRace(race: Race, rounds: number): Promise<Result> {
  const { id, title, work, unit } = race;
  const present = race.rivals.flatMap(({ side }) => (isMissing(side) ? [] : [side]));
  const taken = new Map<Side, Measurement[]>([race.own, ...present].map((side) => [side, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [side, measurements] of taken) measurements.push(await side.measure());
    }
  } finally {
    for (const side of taken.keys()) side.close?.();
  }
  const own = taken.get(race.own) as Measurement[];
  const disagreement = disagreementOf(taken);
  const sides: SideResult[] = race.rivals.map(({ side, atLeast }) => {
    if (isMissing(side)) return { name: side.name, atLeast, verdict: 'skipped', reason: side.missing };
    const theirs = taken.get(side) as Measurement[];
    const ratio = median(own.map((one, i) => rate(one) / rate(theirs[i] as Measurement)));
    const verdict = disagreement !== undefined ? 'wrong' : ratio >= atLeast ? 'met' : 'missed';
    return { name: side.name, perSecond: median(theirs.map(rate)), ratio, atLeast, verdict };
  });
  const operations = (own[0] as Measurement).operations;
  return {
    kind: 'race',
    id,
    title,
    work,
    unit,
    operations,
    own: { name: race.own.name, perSecond: median(own.map(rate)) },
    rivals: sides,
    verdict: worst(sides.map((side) => side.verdict)),
    ...(disagreement === undefined ? {} : { disagreement }),
  };
}

async function runLimit(limit: Limit, rounds: number): Promise<Result> {
  const { id, title, work, unit, atMost } = limit;
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) figures.push(await limit.figure());
  const figure = median(figures);
  return {
    kind: 'limit',
    id,
    title,
    work,
    unit,
    atMost,
    figure,
    verdict: figure <= atMost ? 'met' : 'missed',
  };
}

function rate({ operations, seconds }: Measurement): number {
  return operations / seconds;
}

/** Sides that did other work than the first, if any. */
function disagreementOf(taken: ReadonlyMap<Side, readonly Measurement[]>): string | undefined {
  const seen = new Map<string, string>();
  for (const [side, measurements] of taken) {
    for (const { operations, check } of measurements) seen.set(`${operations} / ${check}`, side.name);
  }
  if (seen.size <= 1) return undefined;
  return [...seen].map(([check, name]) => `${name}: ${check}`).join('; ');
}

function worst(verdicts: readonly SideResult['verdict'][]): SideResult['verdict'] {
  for (const verdict of ['wrong', 'missed', 'met'] as const) if (verdicts.includes(verdict)) return verdict;
  return 'skipped';
}
