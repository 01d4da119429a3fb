import type { Advice } from '../result/assessment.ts';
import type { ExperimentResult } from '../simulation/experiment.ts';
import { adviceKinds, type Candidate } from './candidate.ts';
import { describeAgainst, describeGain } from './describe-gain.ts';
import { compareGains, type Gain, gainOf } from './gain.ts';

/** What was tried, told apart by what it is worth. */
export interface RankedCandidates {
  /** Better than now, the most gain first; at equal gain the least effort. */
  readonly better: readonly {
    readonly candidate: Candidate;
    readonly gain: Gain;
    readonly result: ExperimentResult;
  }[];
  readonly worse: readonly { readonly candidate: Candidate; readonly gain: Gain }[];
}

/** Weighs candidates by their simulated crashes against those of the machine as it is. */
export function rankCandidates(
  now: ExperimentResult,
  candidates: readonly Candidate[],
  results: ReadonlyMap<string, ExperimentResult>,
): RankedCandidates {
  const weighed = candidates.flatMap((candidate) => {
    const result = results.get(candidate.id);
    return result === undefined ? [] : [{ candidate, result, gain: gainOf(now.runs, result.runs) }];
  });
  const effort = ({ candidate }: (typeof weighed)[number]): number =>
    adviceKinds.indexOf(candidate.kind) * 1000 + (candidate.effort ?? 1);
  const better = weighed
    .filter(({ gain }) => gain.verdict === 'better')
    .sort((a, b) => compareGains(a.gain, b.gain) || effort(a) - effort(b))
    .filter((one, index, sorted) => !sorted.slice(0, index).some((other) => isMoreForLess(other, one)));
  const worse = weighed
    .filter(({ gain }) => gain.verdict === 'worse')
    .sort((a, b) => compareGains(b.gain, a.gain))
    .map(({ candidate, gain }) => ({ candidate, gain }));
  return { better, worse };
}

type Weighed = RankedCandidates['better'][number];

/** Of one kind, and worth no less with fewer changes. */
function isMoreForLess(a: Weighed, b: Weighed): boolean {
  const fewer = (a.candidate.effort ?? 1) < (b.candidate.effort ?? 1);
  return a.candidate.kind === b.candidate.kind && fewer && compareGains(a.gain, b.gain) <= 0;
}

/** A candidate as advice. */
export function adviceOf({ candidate, gain, result }: RankedCandidates['better'][number]): Advice {
  const { kind, title, topic, text, commands, evidence, costs } = candidate;
  const against = gain.against.map((criterion) => describeAgainst(criterion, 'better'));
  const hesitation = against.length === 0 ? [] : [`In simulated crashes it also ${against.join(', ')}.`];
  const all = [...(costs === undefined ? [] : [costs]), ...hesitation];
  return {
    kind,
    title,
    ...(topic === undefined ? {} : { topic }),
    text,
    ...(all.length === 0 ? {} : { costs: all.join(' ') }),
    commands,
    evidence: [{ source: 'simulated', text: describeGain(gain) }, ...evidence],
    severity: gain.against.length === 0 ? 'good' : 'note',
    measured: { tally: result.tally, gain },
  };
}
