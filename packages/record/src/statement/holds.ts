import type { Outcome } from '@quiesce/boot-sequencer';
import type { Statement } from '../case/record-case.ts';
import { pattern } from './patterns.ts';
import { pointedValues } from './pointed-values.ts';

/** One run, as statements see it. */
export interface ObservedRun {
  readonly outcome: Outcome;
  /** Formatted when first asked for. */
  readonly log: readonly string[];
}

/** Whether a statement holds for one run, apart from its share, and the value that it was decided by. */
export function holds(statement: Statement, run: ObservedRun): { held: boolean; value: unknown } {
  if (statement.log !== undefined) {
    const line = run.log.find((one) => pattern(statement.log as string).test(one));
    return { held: (line === undefined) === (statement.absent === true), value: line };
  }
  const values = pointedValues(run.outcome, statement.path as string).map((value) =>
    statement.per === undefined ? value : ratio(value, pointedValues(run.outcome, statement.per)[0]),
  );
  if (statement.absent === true) return { held: values.length === 0, value: values[0] };
  const others = statement.notAmong === undefined ? [] : pointedValues(run.outcome, statement.notAmong);
  const failing = values.find((value) => !fits(statement, value) || others.includes(value));
  return {
    held: values.length > 0 && failing === undefined,
    value: failing === undefined ? values[0] : failing,
  };
}

function ratio(value: unknown, per: unknown): unknown {
  return typeof value === 'number' && typeof per === 'number' && per !== 0 ? value / per : undefined;
}

function fits(statement: Statement, value: unknown): boolean {
  const { is, oneOf, atLeast, atMost, matches, length } = statement;
  if (is !== undefined && value !== is) return false;
  if (oneOf !== undefined && !oneOf.some((one) => one === value)) return false;
  if (atLeast !== undefined && !(typeof value === 'number' && value >= atLeast)) return false;
  if (atMost !== undefined && !(typeof value === 'number' && value <= atMost)) return false;
  if (matches !== undefined && !(typeof value === 'string' && pattern(matches).test(value))) return false;
  if (length !== undefined && !(Array.isArray(value) && value.length === length)) return false;
  return fitsKeys(statement, value);
}

function fitsKeys({ keys, hasKeys, withoutKeys }: Statement, value: unknown): boolean {
  if (keys === undefined && hasKeys === undefined && withoutKeys === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const own = Array.isArray(value) ? value.map(String) : Object.keys(value);
  if (keys !== undefined && (own.length !== keys.length || !keys.every((key) => own.includes(key))))
    return false;
  if (hasKeys !== undefined && !hasKeys.every((key) => own.includes(key))) return false;
  return withoutKeys === undefined || !withoutKeys.some((key) => own.includes(key));
}
