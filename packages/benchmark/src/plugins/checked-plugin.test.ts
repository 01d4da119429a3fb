import { describe, expect, it } from 'vitest';
import { checkedPlugin } from './checked-plugin.ts';

const about = { name: 'a', description: 'A strategy.', sources: ['a test'] };
const made = (strategy: unknown): unknown =>
  checkedPlugin({ ...about, create: () => strategy as never }).create({});

describe('what create() answers', () => {
  it.each([
    [undefined, 'create() returned undefined, not a strategy'],
    [null, 'create() returned null, not a strategy'],
    [7, 'create() returned a number'],
    [{ setupArch: 'soon' }, 'setupArch is a string, not a function'],
    [{ initcalls: 7 }, 'initcalls is a number, not a list'],
    [{ initcalls: [null] }, 'initcall 0 has no level'],
    [{ initcalls: [{ level: 'never', name: 'x', run() {} }] }, 'initcall 0 has no level'],
    [{ initcalls: [{ level: 'fs', name: 'x' }] }, 'no run function'],
  ])('%j is refused', (strategy, message) => {
    expect(() => made(strategy)).toThrow(message);
  });

  it('keeps what is a strategy, and its own `this`', () => {
    class Counting {
      count = 0;
      setupArch(): void {
        this.count++;
      }
    }
    const strategy = new Counting();
    const checked = made(strategy) as { setupArch: (ctx: unknown) => void };
    checked.setupArch({});
    expect(strategy.count).toBe(1);
  });
});

it('a hook that returns a promise throws, and its rejection is nobody else’s', () => {
  const checked = made({ setupArch: async () => Promise.reject(new Error('later')) }) as {
    setupArch: (ctx: unknown) => void;
  };
  expect(() => checked.setupArch({})).toThrow('setupArch returned a promise; hooks are synchronous');
});

it('a schema that throws is a defect of its plugin', () => {
  const options = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: () => {
        throw new Error('broken schema');
      },
    },
  };
  const plugin = checkedPlugin({ ...about, options, create: () => about });
  expect(() => plugin.options?.['~standard'].validate({})).toThrow(
    expect.objectContaining({ code: 'STRATEGY_CREATE' }),
  );
});
