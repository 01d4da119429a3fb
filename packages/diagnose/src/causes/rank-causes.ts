import type { ImportedCapture } from '@quiesce/machine';
import { assert } from '@quiesce/simulation';
import type { Diagnosis, LikelyCause } from '../diagnosis.ts';
import data from './causes.json' with { type: 'json' };
import { type CauseFinding, fitOf } from './clue.ts';
import { LogFacts } from './log-facts.ts';
import { searches } from './searches.ts';

/** What fits worse than this is not worth a reader's time. */
const LEAST_FIT = 0.1;
const MOST_LINES = 24;

/**
 * Likely causes of what a log shows, the best fit first; empty if it shows no trouble. The fit follows from clues that
 * were found and doubts that stand against them; each cause names its lines.
 * @param capture the machine that the log is of, if there is one; requesters should have been tied to it before
 */
export function rankCauses(diagnosis: Diagnosis, capture?: ImportedCapture): LikelyCause[] {
  const facts = new LogFacts(diagnosis, capture);
  const causes = new Map<string, LikelyCause>();
  for (const search of searches) {
    for (const finding of search(facts)) {
      const fit = fitOf(finding);
      if (finding.clues.length === 0 || fit < LEAST_FIT) continue;
      const cause = causeOf(finding, fit);
      const known = causes.get(cause.id);
      causes.set(cause.id, known === undefined ? cause : merged(known, cause));
    }
  }
  return [...causes.values()].sort((a, b) => b.fit - a.fit);
}

/** Two kernels of one log with the same trouble: the clearer case, with the lines of both. */
function merged(one: LikelyCause, other: LikelyCause): LikelyCause {
  const [better, worse] = one.fit >= other.fit ? [one, other] : [other, one];
  const further = worse.lines.filter((line) => !better.lines.includes(line));
  const also = 'further kernels of this log show it as well';
  const seen = better.seen.includes(also) ? better.seen : [...better.seen, also];
  return { ...better, seen, lines: [...better.lines, ...further].slice(0, MOST_LINES) };
}

function causeOf({ id, clues, doubts }: CauseFinding, fit: number): LikelyCause {
  const row = data.causes.find((one) => one.id === id);
  assert(row !== undefined, `cause ${id} is in causes.json`);
  const lines = [...new Set(clues.flatMap((clue) => clue.lines))].sort((a, b) => a - b);
  return {
    id,
    title: row.title,
    fit,
    explanation: row.explanation,
    seen: clues.map((clue) => clue.says),
    lines: lines.slice(0, MOST_LINES),
    against: doubts.map((doubt) => doubt.says),
    confirm: row.confirm,
    remedy: row.remedy,
    cases: row.cases,
    replay: row.replay,
  };
}
