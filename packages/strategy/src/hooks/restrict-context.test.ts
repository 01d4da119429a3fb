import { expect, test } from 'vitest';
import { StrategyViolation } from '../errors.ts';
import type { HookContext } from './hook-name.ts';
import { restrictContext } from './restrict-context.ts';

const everything = {
  phase: 'setup_arch',
  options: { waitMs: 500 },
  commandLine: { has: () => true },
  log: () => {},
  delay: () => {},
  type1: { read32: () => 0xffff_ffff },
  bootmem: { allocate: () => 0x1000 },
  mmconfig: {},
  devices: [],
  pages: {},
} as unknown as HookContext<'setupArch', { waitMs: number }>;

test('a hook finds what its phase offers', () => {
  const ctx = restrictContext('setupArch', everything);
  expect(ctx.type1.read32(0, 0, 0, 0)).toBe(0xffff_ffff);
  expect(ctx.bootmem.allocate(64)).toBe(0x1000);
  expect(ctx.options.waitMs).toBe(500);
  expect(Object.keys(ctx).sort()).toEqual(
    ['bootmem', 'commandLine', 'delay', 'firmware', 'log', 'options', 'phase', 'type1'].sort(),
  );
});

test('what the phase lacks throws, says why, and says what there is', () => {
  const seen: StrategyViolation[] = [];
  const ctx = restrictContext('setupArch', everything, (violation) => seen.push(violation));
  const fromJavaScript = ctx as unknown as { devices: unknown };
  expect(() => fromJavaScript.devices).toThrow(StrategyViolation);
  expect(seen[0]).toMatchObject({ code: 'SERVICE_NOT_AVAILABLE', phase: 'setup_arch' });
  expect(seen[0]?.message).toBe(
    'ctx.devices is not available in setupArch (PCI enumeration runs in acpi_init, a subsys initcall); ' +
      'here there are ctx.phase, ctx.options, ctx.commandLine, ctx.log, ctx.delay, ctx.type1, ctx.bootmem, ctx.firmware',
  );
});

test('a context cannot be changed, and a service cannot be put in', () => {
  const ctx = restrictContext('setupArch', everything) as unknown as Record<string, unknown>;
  expect(() => {
    ctx.type1 = {};
  }).toThrow(TypeError);
  expect(() => {
    ctx.devices = [];
  }).toThrow(TypeError);
});

test('initcalls gain services as the levels go on', () => {
  const absent = (hook: 'initcall:core' | 'initcall:arch' | 'initcall:fs', name: string): boolean => {
    const ctx = restrictContext(hook, everything as never) as unknown as Record<string, unknown>;
    try {
      void ctx[name];
      return false;
    } catch {
      return true;
    }
  };
  expect(absent('initcall:core', 'mmconfig')).toBe(true);
  expect(absent('initcall:arch', 'mmconfig')).toBe(false);
  expect(absent('initcall:arch', 'devices')).toBe(true);
  expect(absent('initcall:fs', 'devices')).toBe(false);
});
