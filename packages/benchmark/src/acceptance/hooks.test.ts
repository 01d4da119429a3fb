import { crash } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import { defineStrategy, type Phase, type StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';

interface Call {
  readonly hook: string;
  readonly phase: Phase;
  readonly detail: string;
}

/** Registers everywhere and writes down where it was called; leaves all work to the kernel. */
function witness(calls: Call[], inFault: (delay: (ms: number) => void) => void = () => {}): StrategyPlugin {
  const about = { name: 'witness', description: 'Writes down its calls.', sources: [] };
  const seen = (hook: string, phase: Phase, detail = ''): void => {
    calls.push({ hook, phase, detail });
  };
  return defineStrategy<unknown>({
    ...about,
    create: () => ({
      ...about,
      crash: (ctx) => seen('crash', ctx.phase, `${ctx.devices.length} devices`),
      setupArch: (ctx) => seen('setupArch', ctx.phase, ctx.type1.read16(0, 0, 0, 0).toString(16)),
      irqRemapInit: (ctx) => {
        seen('irqRemapInit', ctx.phase, ctx.units.map((unit) => unit.name).join());
        ctx.kernel.initialise();
      },
      initcalls: [
        { level: 'core', name: 'witness_core', run: (ctx) => seen('core', ctx.phase) },
        { level: 'arch', name: 'witness_arch', run: (ctx) => seen('arch', ctx.phase) },
        { level: 'fs', name: 'witness_fs', run: (ctx) => seen('fs', ctx.phase, `${ctx.devices.length}`) },
        { level: 'fs_sync', name: 'witness_fs_sync', run: (ctx) => seen('fs_sync', ctx.phase) },
        { level: 'late', name: 'witness_late', run: (ctx) => seen('late', ctx.phase) },
      ],
      iommuInit: (ctx) => {
        seen('iommuInit', ctx.phase);
        ctx.kernel.initialise();
      },
      deviceAttach: (ctx) => seen('deviceAttach', ctx.phase, ctx.device.name),
      iommuFault: (ctx) => {
        seen('iommuFault', ctx.phase, `${ctx.device?.name} ${ctx.reason} ${ctx.write}`);
        inFault(ctx.delay);
      },
      aerError: (ctx) => seen('aerError', ctx.phase, `${ctx.severity} ${ctx.device?.name}`),
    }),
  });
}

function run(machine: Machine, strategy: StrategyPlugin) {
  return crash({ machine, strategy, kernel: 'linux-3.10', seed: 1 });
}

describe('hooks', () => {
  it('run where the kernel would run them, in order', () => {
    const calls: Call[] = [];
    const { outcome } = run(preset('q35-lab'), witness(calls));
    expect(outcome.strategyFailure).toBeNull();
    const order = [...new Set(calls.map((call) => `${call.hook} in ${call.phase}`))];
    expect(order.filter((one) => !one.startsWith('iommuFault'))).toEqual([
      'crash in crash',
      'setupArch in setup_arch',
      'irqRemapInit in irq_remap_init',
      'core in early_initcalls',
      'arch in pci_arch_init',
      'fs in fs_initcalls',
      'fs_sync in fs_sync_initcalls',
      'iommuInit in iommu_init',
      'deviceAttach in device_initcalls',
      'late in late_initcalls',
    ]);
    const attached = calls.filter((call) => call.hook === 'deviceAttach').map((call) => call.detail);
    expect(attached).toContain('0000:06:00.0');
  });

  it('are told of faults as the handler takes them, with device and reason', () => {
    const calls: Call[] = [];
    run(preset('q35-lab'), witness(calls));
    const faults = calls.filter((call) => call.hook === 'iommuFault');
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.phase).toBe('iommu_init');
    expect(faults[0]?.detail).toMatch(/^0000:0[0-9a-f]:[0-9a-f]{2}\.0 1 (true|false)$/);
  });

  it('may wait in the fault handler without being called again meanwhile', () => {
    const calls: Call[] = [];
    let depth = 0;
    let deepest = 0;
    const strategy = witness(calls, (delay) => {
      deepest = Math.max(deepest, ++depth);
      delay(25);
      depth--;
    });
    const { outcome } = run(preset('q35-lab'), strategy);
    expect(deepest).toBe(1);
    expect(outcome.time.strategyMs).toBeGreaterThan(0);
  });

  it('are told of errors that a root port reports by interrupt', () => {
    const server = preset('server-2012');
    const machine: Machine = {
      ...server,
      platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
    };
    const calls: Call[] = [];
    const { outcome } = run(machine, witness(calls));
    expect(outcome.stoppedAt).toBeNull();
    const errors = calls.filter((call) => call.hook === 'aerError').map((call) => call.detail);
    expect(errors).toContain('fatal 0000:04:00.0');
  });
});
