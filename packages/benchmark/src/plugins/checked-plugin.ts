import { UserError } from '@quiesce/simulation';
import { hookMethods, initcallLevels, type Strategy } from '@quiesce/strategy';
import { errorText } from '../worker/error-text.ts';
import type { AnyPlugin } from './load-plugin.ts';

/**
 * A plugin whose `create` answers with a strategy or throws: what comes of code without types may be anything.
 * Its hooks throw if they return a promise, because nobody would wait for it.
 */
export function checkedPlugin(plugin: AnyPlugin): AnyPlugin {
  const { options } = plugin;
  return {
    ...plugin,
    name: plugin.name,
    description: String(plugin.description),
    kernelParameters: stringsOf(plugin.kernelParameters),
    ...(options === undefined ? {} : { options: checkedSchema(options) }),
    create: (resolved) => checkedStrategy(plugin.create(resolved), plugin.name),
  };
}

/** A schema that throws is a defect of its plugin, not the user's. */
function checkedSchema(schema: NonNullable<AnyPlugin['options']>): NonNullable<AnyPlugin['options']> {
  const validate = (value: unknown): ReturnType<(typeof schema)['~standard']['validate']> => {
    try {
      return schema['~standard'].validate(value);
    } catch (error) {
      throw new UserError('STRATEGY_CREATE', `its schema of options failed: ${errorText(error)}`);
    }
  };
  return { ...schema, '~standard': { ...schema['~standard'], validate } };
}

function checkedStrategy(made: unknown, name: string): Strategy {
  if (typeof made !== 'object' || made === null) {
    throw new Error(`create() returned ${describe(made)}, not a strategy`);
  }
  const given = made as Record<string, unknown>;
  const checked: Record<string, unknown> = { ...given, name };
  for (const hook of hookMethods) {
    const method = given[hook];
    if (method === undefined) continue;
    if (typeof method !== 'function') throw new Error(`${hook} is ${describe(method)}, not a function`);
    checked[hook] = (ctx: unknown) => synchronous(hook, method.call(made, ctx));
  }
  checked.initcalls = listOf(given.initcalls).map(checkedInitcall);
  return checked as unknown as Strategy;
}

function listOf(initcalls: unknown): unknown[] {
  if (initcalls === undefined) return [];
  if (!Array.isArray(initcalls)) throw new Error(`initcalls is ${describe(initcalls)}, not a list`);
  return initcalls;
}

function checkedInitcall(initcall: unknown, index: number): object {
  const { level, name, run } = (initcall ?? {}) as { level?: unknown; name?: unknown; run?: unknown };
  const known = initcallLevels.some((one) => one === level);
  if (!known || typeof name !== 'string' || typeof run !== 'function') {
    throw new Error(
      `initcall ${index} has no level of ${initcallLevels.join(', ')}, no name, or no run function`,
    );
  }
  return { level, name, run: (ctx: unknown) => synchronous(name, run.call(initcall, ctx)) };
}

function synchronous(hook: string, returned: unknown): void {
  if (typeof (returned as { then?: unknown } | null | undefined)?.then !== 'function') return;
  Promise.resolve(returned).catch(() => {});
  throw new Error(`${hook} returned a promise; hooks are synchronous`);
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
