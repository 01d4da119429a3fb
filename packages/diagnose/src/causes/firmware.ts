import { addressClass } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that lie with engines that firmware runs, and with what it left switched on. */
export function firmware(facts: LogFacts): CauseCase[] {
  return [hiddenFunction(facts), leftOn(facts)];
}

function hiddenFunction(facts: LogFacts): CauseCase {
  const result = new CauseCase('hidden-function');
  const groups = facts.vtd('not-present').filter((group) => group.example.kind === 'dma');
  const tied = groups.filter((group) => facts.tie(group.example.requester)?.how === 'hidden-function');
  if (tied.length > 0)
    result.clue(
      0.55,
      `the capture has no function ${requestersOf(tied)}, but others of that device`,
      linesOf(tied),
    );
  const engine = groups.filter((group) => {
    const { requester } = group.example;
    return (
      requester?.bus === 0 &&
      requester.device === 0x16 &&
      requester.fn > 0 &&
      facts.tie(requester)?.how !== 'itself'
    );
  });
  if (engine.length > 0)
    result.clue(
      0.65,
      `${requestersOf(engine)} is a number of the management engine's device that kernels do not see`,
      linesOf(engine),
    );
  if (result.clues.length === 0) return result;
  const physical = groups.filter((group) => addressClass(group) === 'physical');
  if (physical.length > 0) result.clue(0.3, 'the address is a physical one, as firmware uses');
  else result.doubt(0.4, 'its addresses are ones that a driver would have got');
  return result;
}

function leftOn(facts: LogFacts): CauseCase {
  const result = new CauseCase('left-on-before-this-kernel');
  const events = facts.events('enabled-but-not-kdump');
  if (events.length === 0) return result;
  const normal = events.filter((event) => facts.isNormalKernel(event.kernel));
  if (normal.length > 0)
    result.clue(
      0.6,
      'translation or interrupt remapping was on when this kernel started',
      eventLines(normal),
    );
  else result.clue(0.4, 'a kernel with elfcorehdr= says that it is not in kdump mode', eventLines(events));
  if (normal.length === 0) result.doubt(0.6, 'it was started after a crash');
  return result;
}
