import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineStrategy } from '../strategy.ts';
import { optionsSchema } from './options-schema.ts';
import { resolveOptions } from './resolve-options.ts';

const schema = optionsSchema({
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'Wait after the resets.',
  },
  restore: { type: 'boolean', default: true, description: 'Put config space back.' },
  level: { type: 'choice', choices: ['fs', 'fs_sync'], default: 'fs_sync', description: 'Initcall level.' },
});
const plugin = defineStrategy({
  name: 'sample',
  description: 'A sample.',
  sources: ['none'],
  options: schema,
  create: () => ({ name: 'sample', description: 'A sample.', sources: ['none'] }),
});

test('absent options take their defaults', () => {
  expect(resolveOptions(plugin, undefined)).toEqual({ waitMs: 500, restore: true, level: 'fs_sync' });
  expect(resolveOptions(plugin, { waitMs: 100 })).toEqual({ waitMs: 100, restore: true, level: 'fs_sync' });
});

test.each([
  [{ waitMs: -1 }, 'waitMs is not an integer of 0 .. 60000'],
  [{ waitMs: 1.5 }, 'waitMs is not an integer'],
  [{ waitMs: '500' }, 'waitMs is not an integer'],
  [{ restore: 1 }, 'restore is not true or false'],
  [{ level: 'late' }, 'level is not one of fs, fs_sync'],
  [{ wait: 1 }, 'no option is called wait; there are waitMs, restore, level'],
  [{ toString: 1 }, 'no option is called toString'],
  ['waitMs=1', 'an object'],
  [null, 'an object'],
  [[], 'an object'],
])('%j is refused', (given, message) => {
  expect(() => resolveOptions(plugin, given)).toThrow(
    expect.objectContaining({ code: 'STRATEGY_OPTIONS', message: expect.stringContaining(message) }),
  );
});

test('whatever comes in, the result is valid or a typed error', () => {
  fc.assert(
    fc.property(fc.anything(), (given) => {
      try {
        const options = resolveOptions(plugin, given);
        expect(Number.isInteger(options.waitMs) && typeof options.restore === 'boolean').toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ name: 'UserError', code: 'STRATEGY_OPTIONS' });
      }
    }),
  );
});

test('a plugin without a schema takes no options', () => {
  const bare = defineStrategy({ ...plugin, options: undefined as never });
  expect(resolveOptions(bare, undefined)).toEqual({});
  expect(() => resolveOptions(bare, { waitMs: 1 })).toThrow('takes no options');
});

test('an asynchronous schema is refused', () => {
  const slow = defineStrategy<unknown>({
    ...plugin,
    options: { '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: {} }) } },
    create: () => ({ name: 'sample', description: 'A sample.', sources: ['none'] }),
  });
  expect(() => resolveOptions(slow, {})).toThrow(expect.objectContaining({ code: 'STRATEGY_OPTIONS_ASYNC' }));
});
