import type { FaultGroup } from '../diagnosis.ts';
import { addressClass } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { countOf, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** 00:02.0, which Intel's integrated graphics always is; with a capture, if its class says so. */
export function isIntegratedGraphics(facts: LogFacts, { example: { requester } }: FaultGroup): boolean {
  if (requester?.bus !== 0 || requester.device !== 2) return false;
  const tie = facts.tie(requester);
  if (tie === undefined) return requester.fn === 0;
  const functions = facts.capture?.machine?.functions ?? [];
  const own = functions.find((one) => one.name === tie.functions[0]);
  // Class code of the config bytes, as hexadecimal digits: base class 03 stands at offset 0x0b.
  return own === undefined || own.config.slice(22, 24) === '03';
}

/** Causes that lie with integrated graphics. */
export function graphics(facts: LogFacts): CauseCase[] {
  const result = new CauseCase('graphics-unmapped');
  const groups = facts.vtdDma().filter((group) => isIntegratedGraphics(facts, group));
  if (groups.length === 0) return [];
  result.clue(0.6, `all requests of ${requestersOf(groups)} are integrated graphics'`, linesOf(groups));
  if (groups.some((group) => addressClass(group) === 'physical'))
    result.clue(0.3, 'the addresses are physical ones, as a framebuffer of firmware has');
  if (groups.some((group) => (group.firstSeconds ?? 99) < 3))
    result.clue(0.3, 'it begins before a graphics driver can have loaded');
  const absent = facts.vtd('not-present').filter((group) => isIntegratedGraphics(facts, group));
  if (absent.length > 0) result.clue(0.2, 'the device has no context entry at all', linesOf(absent));
  const malformed = facts.vtd('malformed').filter((group) => groups.includes(group));
  if (malformed.length === groups.length)
    result.doubt(
      0.4,
      'entries are there and malformed, which is another matter than memory that is not mapped',
    );
  const others = facts.vtdDma().filter((group) => !isIntegratedGraphics(facts, group));
  if (countOf(others) > 0) result.doubt(0.3, `${requestersOf(others)} faults as well`);
  if (groups.every((group) => facts.isCrashKernel(group.kernel)))
    result.doubt(0.3, 'in a crash kernel the display is one device among others that go on');
  return [result];
}
