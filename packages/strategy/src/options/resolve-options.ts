import { UserError } from '@quiesce/simulation';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { StrategyPlugin } from '../strategy.ts';

/**
 * The options of a plugin as its hooks will see them. `given` is what a user wrote; undefined stands for `{}`.
 *
 * @throws UserError `STRATEGY_OPTIONS` if the plugin's schema refuses them, or if it takes none and got some;
 *   `STRATEGY_OPTIONS_ASYNC` if the schema answers with a promise: hooks are synchronous and so are their options
 */
export function resolveOptions<Options>(plugin: StrategyPlugin<Options>, given: unknown): Options {
  const input = given === undefined ? {} : given;
  if (plugin.options === undefined) {
    if (isEmptyObject(input)) return {} as Options;
    throw new UserError('STRATEGY_OPTIONS', `${plugin.name} takes no options`, { expected: 'none' });
  }
  const result = plugin.options['~standard'].validate(input);
  if (isThenable(result)) {
    result.then(undefined, () => {});
    throw new UserError('STRATEGY_OPTIONS_ASYNC', `${plugin.name} validates its options asynchronously`, {
      expected: 'a schema that answers at once',
    });
  }
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(describeIssue).join('; ');
  throw new UserError('STRATEGY_OPTIONS', `bad options for ${plugin.name}: ${issues}`);
}

function isEmptyObject(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && !Array.isArray(input) && Object.keys(input).length === 0
  );
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((each) => String(typeof each === 'object' ? each.key : each)).join('.');
  return path === '' || issue.message.includes(path) ? issue.message : `${path}: ${issue.message}`;
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown }).then === 'function';
}
