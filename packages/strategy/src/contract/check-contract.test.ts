import { expect, test } from 'vitest';
import { optionsSchema } from '../options/options-schema.ts';
import type { Strategy, StrategyPlugin } from '../strategy.ts';
import { checkContract, contractLaws } from './check-contract.ts';
import type { AnyPlugin } from './laboratory.ts';
import { miniLaboratory } from './mini-laboratory/mini-laboratory.ts';

const about = { name: 'sample', description: 'A sample.', sources: ['a mail'] };

function plugin(hooks: Partial<Strategy>, more: Partial<StrategyPlugin<unknown>> = {}): AnyPlugin {
  return { ...about, ...more, create: () => ({ ...about, ...hooks }) };
}

/** A port's Secondary Bus Reset, held and released, with a wait for what is below to answer again. */
const resetFirstPort: Strategy['setupArch'] = ({ type1, delay }) => {
  type1.write16(0, 1, 0, 0x3e, 0x40);
  delay(2);
  type1.write16(0, 1, 0, 0x3e, 0);
  delay(500);
};

let calls = 0;

const brokenPlugins: readonly [law: string, what: string, AnyPlugin][] = [
  ['identity', 'has a name that nobody can type', plugin({}, { name: 'My Strategy' })],
  ['identity', 'follows nobody', plugin({}, { sources: [] })],
  ['identity', 'does not describe itself', plugin({}, { description: ' ' })],
  ['identity', 'makes a strategy of another name', plugin({ name: 'other' })],
  [
    'identity',
    'registers at a level that does not exist',
    plugin({ initcalls: [{ level: 'never' as 'fs', name: 'f', run: () => {} }] }),
  ],
  [
    'options-validated',
    'takes whatever it is given',
    plugin(
      {},
      { options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } } },
    ),
  ],
  [
    'options-validated',
    'checks the shape of its options and not their values',
    plugin(
      {},
      {
        options: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value) =>
              typeof value === 'object' && value !== null && !Array.isArray(value)
                ? { value: { waitMs: 500, ...value } }
                : { issues: [{ message: 'not options' }] },
          },
        },
      },
    ),
  ],
  [
    'options-validated',
    'cannot run without options',
    plugin(
      {},
      {
        options: {
          '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
        },
      },
    ),
  ],
  [
    'survives',
    'throws where a switch is',
    plugin({
      setupArch({ type1 }) {
        if (type1.read32(0, 3, 0, 0) !== 0xffff_ffff) throw new RangeError('too many ports');
      },
    }),
  ],
  [
    'survives',
    'polls for ever',
    plugin({
      setupArch({ type1 }) {
        while (type1.read32(31, 0, 0, 0) === 0xffff_ffff);
      },
    }),
  ],
  ['survives', 'waits for ever', plugin({ setupArch: ({ delay }) => delay(Number.POSITIVE_INFINITY) })],
  [
    'deterministic',
    'counts its runs in the module',
    plugin({ setupArch: ({ log }) => log(`run ${calls++}`) }),
  ],
  ['deterministic', 'rolls dice', plugin({ setupArch: ({ delay }) => delay(Math.random()) })],
  [
    'phase-services',
    'looks for devices in setup_arch',
    plugin({
      setupArch(ctx) {
        for (const device of (ctx as unknown as { devices: Iterable<{ name: string }> }).devices) {
          ctx.log(device.name);
        }
      },
    }),
  ],
  [
    'phase-services',
    'looks for devices in setup_arch and hides that it failed',
    plugin({
      setupArch(ctx) {
        try {
          ctx.log(String((ctx as unknown as { devices: unknown }).devices));
        } catch {}
      },
    }),
  ],
  [
    'phase-services',
    'reads extended config space by type 1 accesses',
    plugin({ setupArch: ({ type1 }) => void type1.read32(0, 1, 0, 0x100) }),
  ],
  [
    'own-memory',
    "clears the old kernel's root table",
    plugin({ iommuInit: ({ memory }) => memory.write32(0x0600_0000, 0) }),
  ],
  [
    'own-memory',
    'writes past its page and hides that it failed',
    plugin({
      iommuInit({ memory, pages }) {
        const page = pages.allocate();
        try {
          memory.write32(page + 4096, 1);
        } catch {}
      },
    }),
  ],
  ['restores', 'resets a port and leaves what is below without BARs', plugin({ setupArch: resetFirstPort })],
  [
    'restores',
    'holds a port in reset',
    plugin({ setupArch: ({ type1 }) => type1.write16(0, 1, 0, 0x3e, 0x40) }),
  ],
  [
    'restores',
    'restores what it read during the hold-off',
    plugin({
      setupArch(ctx) {
        ctx.type1.write16(0, 1, 0, 0x3e, 0x40);
        ctx.delay(2);
        ctx.type1.write16(0, 1, 0, 0x3e, 0);
        const saved = [0, 1, 2, 3, 4, 5].map((index) => ctx.type1.read32(1, 0, 0, index * 4));
        ctx.delay(500);
        for (const [index, value] of saved.entries()) ctx.type1.write32(1, 0, 0, index * 4, value);
      },
    }),
  ],
  [
    'synchronous',
    'is asynchronous',
    plugin({
      async setupArch() {
        await Promise.resolve();
        throw new Error('nobody hears this');
      },
    }),
  ],
  ['synchronous', 'has a generator for a hook', plugin({ *setupArch() {} } as Partial<Strategy>)],
  [
    'synchronous',
    'returns a promise without saying so',
    plugin({ setupArch: () => Promise.resolve() } as Partial<Strategy>),
  ],
];

test.each(brokenPlugins)('%s catches a plugin that %s', (law, _what, broken) => {
  const report = checkContract(broken, miniLaboratory());
  expect(report.passed).toBe(false);
  expect(report.laws.filter(({ passed }) => !passed).map((each) => each.law)).toContain(law);
});

test('every law has a broken plugin', () => {
  expect(new Set(brokenPlugins.map(([law]) => law))).toEqual(new Set(contractLaws.map(({ name }) => name)));
});

test('a plugin that keeps the contract passes every law', () => {
  const report = checkContract(
    plugin(
      { setupArch: ({ type1 }) => type1.write16(1, 0, 0, 4, 0) },
      {
        options: optionsSchema({
          waitMs: { type: 'integer', default: 1, minimum: 0, maximum: 9, description: 'A wait.' },
        }),
      },
    ),
    miniLaboratory(),
  );
  expect(report.laws.filter(({ passed }) => !passed)).toEqual([]);
  expect(report.laws.map(({ law }) => law)).toEqual(contractLaws.map(({ name }) => name));
});

test('a detail says where and what', () => {
  const report = checkContract(plugin({ setupArch: resetFirstPort }), miniLaboratory());
  expect(report.laws.find(({ law }) => law === 'restores')?.detail).toBe(
    'one-port: setupArch reset 0000:01:00.0 at 0x04: 0x00100406 before, 0x00100000 after',
  );
});

test('a laboratory that throws is not a plugin that passes', () => {
  const laboratory = {
    machines: ['none'],
    run: () => {
      throw new Error('out of order');
    },
  };
  const report = checkContract(plugin({}), laboratory);
  expect(report.laws.find(({ law }) => law === 'survives')).toEqual({
    law: 'survives',
    passed: false,
    detail: 'could not be checked: Error: out of order',
  });
});

test('an unknown machine is a typed error', () => {
  expect(() => miniLaboratory().run({ plugin: plugin({}), options: {}, machine: 'q35', seed: 1 })).toThrow(
    'the mini laboratory has no machine q35 (expected one-port or switch-and-display)',
  );
});
