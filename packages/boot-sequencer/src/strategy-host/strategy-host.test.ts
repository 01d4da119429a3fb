import { preset } from '@quiesce/machine';
import {
  defineStrategy,
  type Initcall,
  initcallLevels,
  optionsSchema,
  type Strategy,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { type CrashResult, crash } from '../crash.ts';
import type { StrategyLimits } from './budget.ts';

const machine = preset('q35-lab');

function plugin(hooks: Partial<Strategy>): StrategyPlugin {
  const names = { name: 'sample', description: 'A sample.', sources: [] };
  return { ...names, create: () => ({ ...names, ...hooks }) };
}

function run(hooks: Partial<Strategy>, limits?: StrategyLimits): CrashResult {
  return crash({
    machine,
    strategy: plugin(hooks),
    kernel: 'linux-6',
    seed: 1,
    ...(limits === undefined ? {} : { limits }),
  });
}

const few: StrategyLimits = { accesses: 100, waitMs: 1000 };

describe('a strategy that breaks a rule fails alone, in its phase', () => {
  it.each([
    ['offset beyond 255', (ctx: Type1) => ctx.type1.read32(0, 0, 0, 256)],
    ['a dword across dwords', (ctx: Type1) => ctx.type1.read32(0, 0, 0, 2)],
    ['device 32', (ctx: Type1) => ctx.type1.read8(0, 32, 0, 0)],
    ['bus 256', (ctx: Type1) => ctx.type1.write8(256, 0, 0, 0, 1)],
    ['no number', (ctx: Type1) => ctx.type1.read8(0, 0, 0, Number.NaN)],
  ])('CONFIG_ACCESS: %s', (_name, access) => {
    const { outcome, host } = run({ setupArch: (ctx) => void access(ctx) });
    expect(outcome.strategyFailure).toMatchObject({ code: 'CONFIG_ACCESS', phase: 'setup_arch' });
    expect(host.violations.map((one) => one.code)).toEqual(['CONFIG_ACCESS']);
    expect(outcome).toMatchObject({ dump: 'lost', stoppedAt: { phase: 'setup_arch' } });
    expect(outcome.stoppedAt?.cause).toContain('the strategy failed');
  });

  it('SERVICE_NOT_AVAILABLE: MMCONFIG in setup_arch', () => {
    const { outcome } = run({
      setupArch: (ctx) => void (ctx as unknown as { mmconfig: { read32: unknown } }).mmconfig.read32,
    });
    expect(outcome.strategyFailure).toMatchObject({ code: 'SERVICE_NOT_AVAILABLE', phase: 'setup_arch' });
  });

  it('MEMORY_NOT_OWNED: a write outside of its own pages; reading is free', () => {
    const { outcome, host } = run({
      iommuInit(ctx) {
        const page = ctx.pages.allocate(2);
        ctx.memory.write32(page + 8188, 0xdead_beef);
        expect(ctx.memory.read32(page + 8188)).toBe(0xdead_beef);
        ctx.memory.read32(0x100_0000);
        ctx.memory.write32(page + 8192, 1);
      },
    });
    expect(outcome.strategyFailure).toMatchObject({ code: 'MEMORY_NOT_OWNED', phase: 'iommu_init' });
    expect(outcome.memory.extraBytes).toBe(8192);
    expect(host.violations).toHaveLength(1);
  });

  it.each([
    [
      'accesses without end',
      (ctx: Type1) => {
        for (;;) ctx.type1.read8(0, 0, 0, 0);
      },
    ],
    [
      'a wait without end',
      (ctx: Type1) => {
        for (;;) ctx.delay(100);
      },
    ],
    ['a wait of no time', (ctx: Type1) => ctx.delay(Number.NaN)],
    ['a wait back in time', (ctx: Type1) => ctx.delay(-1)],
  ])('BUDGET_EXHAUSTED: %s', (_name, body) => {
    const { outcome } = run({ setupArch: body }, few);
    expect(outcome.strategyFailure).toMatchObject({ code: 'BUDGET_EXHAUSTED', phase: 'setup_arch' });
  });

  it('THREW: whatever it throws, even what is no error', () => {
    const thrown = run({
      deviceAttach() {
        throw 'a string';
      },
    });
    expect(thrown.outcome.strategyFailure).toEqual({ code: 'THREW', message: 'a string', phase: 'init' });
  });

  it('a hook that is asynchronous fails behind nobody: its rejection is taken', async () => {
    const returned: unknown[] = [];
    crash({
      machine,
      strategy: plugin({ setupArch: (async () => Promise.reject(new Error('late'))) as () => void }),
      kernel: 'linux-6',
      seed: 1,
      hooks: () => ({ begin: () => {}, end: (_hook, _phase, value) => returned.push(value) }),
    });
    expect(returned).toHaveLength(1);
    expect(returned[0]).toBeInstanceOf(Promise);
    // A rejection that nobody took would fail this test run here.
    await new Promise(setImmediate);
  });
});

describe('a plugin before it runs', () => {
  it('that cannot make its strategy is a mistake of the user', () => {
    const strategy: StrategyPlugin = {
      ...plugin({}),
      create() {
        throw new Error('no licence');
      },
    };
    expect(() => crash({ machine, strategy, kernel: 'linux-6', seed: 1 })).toThrow(
      expect.objectContaining({ code: 'STRATEGY_CREATE', message: expect.stringContaining('no licence') }),
    );
  });

  it('gets its options validated, with defaults', () => {
    const seen: unknown[] = [];
    const strategy = defineStrategy({
      name: 'sample',
      description: 'A sample.',
      sources: [],
      options: optionsSchema({
        waitMs: { type: 'integer', default: 5, minimum: 0, maximum: 10, description: 'A wait.' },
      }),
      create: (options) => {
        seen.push(options);
        return { name: 'sample', description: 'A sample.', sources: [] };
      },
    });
    crash({ machine, strategy, kernel: 'linux-6', seed: 1 });
    crash({ machine, strategy, kernel: 'linux-6', seed: 1, options: { waitMs: 7 } });
    expect(seen).toEqual([{ waitMs: 5 }, { waitMs: 7 }]);
    const wrong = () => crash({ machine, strategy, kernel: 'linux-6', seed: 1, options: { waitMs: 11 } });
    expect(wrong).toThrow(expect.objectContaining({ name: 'UserError' }));
  });
});

describe('what hooks are given', () => {
  it('run in the order of the boot, and see what their phase has', () => {
    const order: string[] = [];
    const initcalls: Strategy['initcalls'] = [
      { level: 'late', name: 'b', run: (ctx) => order.push(`late ${ctx.devices.length}`) },
      { level: 'fs', name: 'a', run: (ctx) => order.push(`fs ${ctx.devices.length}`) },
    ];
    const { outcome, log } = run({
      crash: (ctx) => order.push(`crash ${ctx.phase}`),
      setupArch: (ctx) => order.push(`setupArch ${ctx.commandLine.has('reset_devices')}`),
      irqRemapInit: (ctx) => {
        order.push(`irqRemapInit ${ctx.units.length}`);
        ctx.kernel.initialise();
      },
      initcalls,
      iommuInit: (ctx) => {
        order.push('iommuInit');
        ctx.kernel.initialise();
      },
    });
    expect(outcome.strategyFailure).toBeNull();
    const count = machine.functions.length;
    expect(order).toEqual([
      'crash crash',
      'setupArch true',
      'irqRemapInit 1',
      `fs ${count}`,
      'iommuInit',
      `late ${count}`,
    ]);
    expect(log.join('\n')).toContain('calling  a+0x0/0x0 @ 1');
  });

  it('waiting counts as the cost of the strategy, and lets the hardware run', () => {
    const quick = run({}).outcome;
    const slow = run({ setupArch: (ctx) => ctx.delay(250) }).outcome;
    expect(slow.time.strategyMs).toBe(250);
    expect(slow.time.panicToDumpMs - quick.time.panicToDumpMs).toBeCloseTo(250, 3);
  });

  it('bytes of boot memory count as asked for, pages as pages', () => {
    const { outcome } = run({
      setupArch: (ctx) => void ctx.bootmem.allocate(100),
      iommuInit(ctx) {
        ctx.pages.allocate();
        ctx.kernel.initialise();
      },
    });
    expect(outcome.memory.extraBytes).toBe(100 + 4096);
  });
});

type Type1 = Parameters<NonNullable<Strategy['setupArch']>>[0];

it('initcalls of every level run, each in its phase; those of rootfs after pci_iommu_init, which is one', () => {
  const ran: string[] = [];
  run({
    iommuInit(ctx) {
      ran.push(`iommuInit ${ctx.phase}`);
      ctx.kernel.initialise();
    },
    initcalls: initcallLevels.map(
      (level) =>
        ({
          level,
          name: level,
          run: (ctx: { phase: string }) => ran.push(`${level} ${ctx.phase}`),
        }) as Initcall<unknown>,
    ),
  });
  expect(ran).toEqual([
    'pure early_initcalls',
    'core early_initcalls',
    'postcore early_initcalls',
    'arch pci_arch_init',
    'subsys acpi_init',
    'fs fs_initcalls',
    'fs_sync fs_sync_initcalls',
    'iommuInit iommu_init',
    'rootfs iommu_init',
    'device device_initcalls',
    'late late_initcalls',
  ]);
});
