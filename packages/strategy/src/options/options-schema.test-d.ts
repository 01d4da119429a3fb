import { expectTypeOf, test } from 'vitest';
import { defineStrategy, type OptionsOf, optionsSchema } from '../index.ts';

const schema = optionsSchema({
  waitMs: { type: 'integer', default: 500, minimum: 0, maximum: 1000, description: 'A wait.' },
  restore: { type: 'boolean', default: true, description: 'Put it back.' },
  level: { type: 'choice', choices: ['fs', 'fs_sync'], default: 'fs', description: 'A level.' },
});

test('hooks see typed options', () => {
  expectTypeOf<OptionsOf<(typeof schema)['declarations']>>().toEqualTypeOf<{
    readonly waitMs: number;
    readonly restore: boolean;
    readonly level: 'fs' | 'fs_sync';
  }>();
  defineStrategy({
    name: 'sample',
    description: 'A sample.',
    sources: ['a mail'],
    options: schema,
    create: (options) => ({
      name: 'sample',
      description: options.level,
      sources: [],
      setupArch(ctx) {
        ctx.delay(ctx.options.waitMs);
        // @ts-expect-error no such option
        ctx.options.waitSeconds;
      },
    }),
  });
});
