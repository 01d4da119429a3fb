import { CauseCase } from './cause-case.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that come of requester IDs which are not the sender's own. */
export function requesterIds(facts: LogFacts): CauseCase[] {
  return [wrongRequester(facts), bridgeAlias(facts)];
}

function wrongRequester(facts: LogFacts): CauseCase {
  const result = new CauseCase('wrong-requester-id');
  const groups = facts.vtd('not-present').filter((group) => group.example.kind === 'dma');
  const tied = groups.filter((group) => facts.tie(group.example.requester)?.how === 'phantom-function');
  if (tied.length > 0)
    result.clue(
      0.75,
      `the capture knows ${requestersOf(tied)} as a number that another function sends under`,
      linesOf(tied),
    );
  // Without a capture: function 1 alone, on a bus below a port, with an address that a driver got.
  const alone = groups.filter((group) => {
    const { requester } = group.example;
    if (
      requester === undefined ||
      facts.tie(requester) !== undefined ||
      requester.fn === 0 ||
      requester.bus === 0
    )
      return false;
    return !facts.groups.some(
      (other) => other.example.requester?.bus === requester.bus && other.example.requester.fn === 0,
    );
  });
  if (alone.length > 0) {
    result.clue(
      0.5,
      `${requestersOf(alone)} has no entry, and function 0 of that device does not fault`,
      linesOf(alone),
    );
    const allocated = alone.filter(
      (group) => (Number.parseInt(group.example.address ?? '0', 16) || 0) >= 0xe000_0000,
    );
    if (allocated.length > 0)
      result.clue(0.35, 'its address is one that a driver got from the kernel: for another requester');
  }
  if (result.clues.length === 0) return result;
  const failures = groups.flatMap((group) => facts.near(group, 200, 'driver-failure'));
  if (failures.length > 0) result.clue(0.3, 'a driver fails nearby', eventLines(failures));
  return result;
}

function bridgeAlias(facts: LogFacts): CauseCase {
  const result = new CauseCase('bridge-alias');
  const groups = facts.groups.filter((group) => facts.tie(group.example.requester)?.how === 'bridge-alias');
  if (groups.length === 0) return result;
  return result.clue(
    0.55,
    `${countOf(groups)} faults under ${requestersOf(groups)}, which a bridge uses for what is behind it`,
    linesOf(groups),
  );
}
