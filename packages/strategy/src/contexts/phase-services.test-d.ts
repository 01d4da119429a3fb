import { expectTypeOf, test } from 'vitest';
import {
  defineStrategy,
  type HookContext,
  type HookName,
  hookServices,
  type MmconfigAccess,
  type ServiceName,
  type Strategy,
} from '../index.ts';

const about = { name: 'sample', description: 'A sample.', sources: ['a mail'] };

test('setup_arch has type 1 accesses and memblock, nothing else', () => {
  defineStrategy({
    ...about,
    create: () => ({
      ...about,
      setupArch(ctx) {
        ctx.type1.read32(0, 0, 0, 0);
        ctx.bootmem.allocate(64);
        // @ts-expect-error enumeration has not run
        ctx.devices;
        // @ts-expect-error MMCONFIG is not set up
        ctx.mmconfig;
        // @ts-expect-error there is no page allocator
        ctx.pages;
        // @ts-expect-error there is no memory of its own to write to
        ctx.memory;
        // @ts-expect-error remapping units are found later
        ctx.units;
        // @ts-expect-error extended config space has no type 1 offset argument of five numbers
        ctx.type1.read32(0, 0, 0, 0, 0x100);
      },
    }),
  });
});

test('the crash path has no allocator', () => {
  const strategy: Strategy = {
    ...about,
    crash(ctx) {
      for (const device of ctx.devices) device.writeConfig16(4, 0);
      // @ts-expect-error the crashing kernel's allocator cannot be trusted
      ctx.pages;
      // @ts-expect-error nor can its memory
      ctx.memory;
      // @ts-expect-error that is the second kernel's
      ctx.bootmem;
    },
  };
  expectTypeOf(strategy).toExtend<Strategy>();
});

test('an initcall has what its level has', () => {
  const strategy: Strategy = {
    ...about,
    initcalls: [
      {
        level: 'core',
        name: 'early',
        run(ctx) {
          ctx.type1.read32(0, 0, 0, 0);
          // @ts-expect-error MMCONFIG comes with arch
          ctx.mmconfig;
        },
      },
      {
        level: 'arch',
        name: 'middle',
        run(ctx) {
          ctx.mmconfig.read32(0, 0, 0, 0, 0x100);
          // @ts-expect-error devices come with subsys
          ctx.devices;
        },
      },
      {
        level: 'fs_sync',
        name: 'late',
        run(ctx) {
          expectTypeOf(ctx.mmconfig).toEqualTypeOf<MmconfigAccess>();
          ctx.devices.find(0, 1, 0, 0)?.findExtendedCapability(1);
          // @ts-expect-error memblock is gone
          ctx.bootmem;
        },
      },
    ],
  };
  // @ts-expect-error no such level
  const wrong: Strategy = { ...about, initcalls: [{ level: 'never', name: 'f', run() {} }] };
  expectTypeOf([strategy, wrong]).toExtend<Strategy[]>();
});

test('interrupt remapping comes before PCI', () => {
  const strategy: Strategy = {
    ...about,
    irqRemapInit(ctx) {
      ctx.kernel.adoptInterruptTable;
      // @ts-expect-error PCI is not up
      ctx.devices;
      // @ts-expect-error MMCONFIG neither
      ctx.mmconfig;
      // @ts-expect-error DMA tables come later
      ctx.kernel.adoptRootTable;
    },
    iommuInit(ctx) {
      ctx.kernel.adoptRootTable;
      // @ts-expect-error interrupt tables came earlier
      ctx.kernel.adoptInterruptTable;
    },
  };
  expectTypeOf(strategy).toExtend<Strategy>();
});

test('contexts cannot be changed', () => {
  const strategy: Strategy = {
    ...about,
    setupArch(ctx) {
      // @ts-expect-error read only
      ctx.phase = 'crash';
    },
  };
  expectTypeOf(strategy).toExtend<Strategy>();
});

/** The keys that a context's type has beyond what all have, per hook, against the run-time list. */
type Offered<Hook extends HookName> = Exclude<
  keyof HookContext<Hook>,
  'phase' | 'options' | 'commandLine' | 'log' | 'delay'
>;

test('run time knows every service that a context type has', () => {
  expectTypeOf<Offered<'crash'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'setupArch'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'irqRemapInit'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'iommuInit'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'deviceAttach'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'iommuFault'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'aerError'>>().toExtend<ServiceName>();
  expectTypeOf<Offered<'initcall:late'>>().toExtend<ServiceName>();
  expectTypeOf(hookServices).toExtend<Readonly<Record<HookName, readonly ServiceName[]>>>();
});
