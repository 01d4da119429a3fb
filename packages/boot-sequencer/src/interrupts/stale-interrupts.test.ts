import { type Machine, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { type CrashResult, crash } from '../crash.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { kernelProfile } from '../profile/profiles.ts';
import { type InterruptProfile, interruptsOf } from './interrupt-profile.ts';

const names = { name: 'sample', description: 'A sample.', sources: [] };
const none = { ...names, create: () => names };
const masked = preset('q35-lab');
const live: Machine = { ...masked, workload: { ...masked.workload, interrupts: true } };
const TIMER_PANIC = "kernel panic: timer doesn't work through Interrupt-remapped IO-APIC";

function run(
  machine: Machine,
  kernel: string | KernelProfile,
  extra: { seed?: number; commandLine?: string[] } = {},
) {
  return crash({ machine, strategy: none, kernel, seed: 1, ...extra });
}

/** The kernel, with other ways of treating interrupts. */
function kernelWith(name: string, changes: Partial<InterruptProfile>): KernelProfile {
  const profile = kernelProfile(name);
  return { ...profile, interrupts: { ...interruptsOf(profile), ...changes } };
}

/** As on a machine with intremap=off in its firmware: no unit at all. */
function withoutUnits({ dmar: _, ...machine }: Machine): Machine {
  return { ...machine, units: [] };
}

function lines({ log }: CrashResult, pattern: RegExp): string[] {
  return log.filter((line) => pattern.test(line));
}

describe('interrupts of the first kernel in the second one', () => {
  it('that stay in service on an ISA vector keep the timer away: the measured panic, whenever the crash was', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const result = run(live, 'linux-6', { seed });
      expect(result.outcome.stoppedAt).toEqual({ phase: 'irq_remap_init', cause: TIMER_PANIC });
      expect(result.outcome.dump).toBe('lost');
      const [served, ...others] = result.outcome.interrupts.staleInService;
      expect(others).toEqual([]);
      expect(served).toBeGreaterThan(0x30);
      expect(served).toBeLessThan(0x40);
      // As found on the machine: the timer asked for, TPR 0x10, PPR of the class in service.
      const { apic } = result.world.processor;
      expect([apic.isRequested(0x30), apic.taskPriority, apic.processorPriority]).toEqual([true, 0x10, 0x30]);
      expect(lines(result, /APIC: Stale IRR: (0{8},){6}(?!0{8})\w{8},0{8} ISR: (0{8},){7}0{8}/)).toHaveLength(
        1,
      );
    }
  });

  it('that are masked at the device are none', () => {
    const { outcome } = run(masked, 'linux-6');
    expect([outcome.dump, outcome.stoppedAt]).toEqual(['saved', null]);
    expect(outcome.interrupts).toEqual({ stray: 0, staleInService: [], receiveAcceptErrors: 0 });
  });

  it('cost a kernel that does not remap them its timer at the I/O APIC only: ExtINT knows no priorities', () => {
    const result = run(withoutUnits(live), 'linux-6');
    expect(result.outcome.stoppedAt).toBeNull();
    expect(lines(result, /timer|TIMER|works|failed\.$/).map((line) => line.replace(/^\[.{13} /, ''))).toEqual(
      [
        '..TIMER: vector=0x30 apic1=0 pin1=2 apic2=-1 pin2=-1',
        '..MP-BIOS bug: 8254 timer not connected to IO-APIC',
        '...trying to set up timer (IRQ0) through the 8259A ...',
        '....... failed.',
        '...trying to set up timer as Virtual Wire IRQ...',
        '..... failed.',
        '...trying to set up timer as ExtINT IRQ...',
        '..... works.',
      ],
    );
    // What is in service stays so, and its class with it: drivers with low vectors wait for ever.
    expect(result.outcome.interrupts.staleInService).toHaveLength(1);
    expect(result.outcome.devices['01:00.0']).toBe('failed');
  });

  it('leave old kernels alone: their first kernel gives no ISA vectors away, their table is empty', () => {
    const { outcome } = run(live, 'linux-3.10');
    expect(outcome.stoppedAt).toBeNull();
    expect(outcome.interrupts.staleInService).toEqual([]);
    expect(outcome.interrupts.stray).toBeGreaterThan(0);
    expect(outcome.interruptFaults.total).toBeGreaterThan(0);
  });

  it('on vectors above the ISA ones are acknowledged, and nothing is lost: the vectors are the cause', () => {
    const { outcome } = run(live, kernelWith('linux-6', { vectors: 'stride' }));
    expect([outcome.dump, outcome.stoppedAt]).toEqual(['saved', null]);
    expect(outcome.interrupts.stray).toBeGreaterThan(10);
    expect(outcome.interrupts.staleInService).toEqual([]);
  });

  it('are lost on a local APIC that the crash path leaves disabled: Linux 3.18 to 4.16', () => {
    const { interrupts, stoppedAt } = run(
      live,
      kernelWith('linux-6', { localApicAtJump: 'disabled' }),
    ).outcome;
    expect(stoppedAt).toBeNull();
    expect(interrupts.receiveAcceptErrors).toBeGreaterThan(0);
  });

  it('go to processors that are gone where there are many, and each has few vectors', () => {
    const { outcome } = run({ ...live, processors: 16 }, 'linux-6');
    expect(outcome.stoppedAt).toBeNull();
    expect(outcome.interrupts.receiveAcceptErrors).toBeGreaterThan(100);
  });

  it('end where enumeration disables the messages of every function', () => {
    const { phases } = Object.values(run(live, 'linux-3.10').outcome.interruptFaults.byRequester)[0] ?? {};
    expect(Object.keys(phases ?? {})).toEqual(['irq_remap_init', 'early_initcalls', 'pci_arch_init']);
  });
});

describe('what interrupts of nobody cost', () => {
  /** Audio streams with periods of one burst: 1,500 interrupts a second each, or `times` as many. */
  function streaming(times: number): Machine {
    const functions = live.functions.map((one) => {
      if (one.endpoint.kind !== 'cyclic-stream') return one;
      const { workload } = one.endpoint;
      return {
        ...one,
        driver: { ...one.driver, bufferBytes: 128 },
        endpoint: {
          ...one.endpoint,
          workload: { ...workload, ratePerSecond: workload.ratePerSecond * times },
        },
      };
    });
    return { ...live, functions };
  }
  /** A slow processor; little time before the second kernel, so that the test is quick. */
  function slow(strayInterruptUs: number): KernelProfile {
    const profile = kernelWith('linux-6', { vectors: 'stride', strayInterruptUs });
    return { ...profile, phaseMs: { ...profile.phaseMs, purgatory: 10, setup_arch: 10 } };
  }

  it('is time that the boot takes longer', () => {
    const quick = run(streaming(1), slow(0)).outcome;
    const late = run(streaming(1), slow(50)).outcome;
    expect(late.stoppedAt).toBeNull();
    const stolenMs = late.time.panicToDumpMs - quick.time.panicToDumpMs;
    // Those of the last moments cost time that nobody measures any more.
    expect(stolenMs / (late.interrupts.stray * 0.05)).toBeCloseTo(1, 1);
    expect(stolenMs).toBeGreaterThan(10);
  });

  it('is all of it in a storm: the boot makes no progress', () => {
    const { outcome } = run(streaming(2), slow(150));
    expect(outcome.stoppedAt).toEqual({
      phase: 'irq_remap_init',
      cause: "boot makes no progress: interrupts take all of the processor's time",
    });
    expect(outcome.dump).toBe('lost');
  });

  it('is nothing if the messages were disabled before interrupts are on', () => {
    const clearMessages = {
      ...names,
      create: () => ({
        ...names,
        setupArch: (ctx: import('@quiesce/strategy').SetupArchContext) => {
          for (const [bus, device] of [
            [0, 0x1b],
            [6, 0],
            [7, 0],
          ] as const) {
            const control = ctx.type1.read16(bus, device, 0, 0x62);
            ctx.type1.write16(bus, device, 0, 0x62, control & ~1);
          }
        },
      }),
    };
    const { outcome } = crash({
      machine: streaming(2),
      strategy: clearMessages,
      kernel: slow(150),
      seed: 1,
    });
    expect([outcome.stoppedAt, outcome.dump]).toEqual([null, 'saved']);
  });
});

describe('parameters of the second kernel', () => {
  it('pci=nomsi: a pin that the first kernel disabled is enabled again since 3.14, before it stays silent', () => {
    const commandLine = ['reset_devices', 'pci=noaer,nomsi'];
    expect(run(masked, 'linux-6', { commandLine }).outcome.devices['01:00.0']).toBe('working');
    const old = run(masked, 'linux-3.10', { commandLine });
    expect(old.outcome.devices['01:00.0']).toBe('failed');
    const fixed = run(masked, kernelWith('linux-3.10', { clearsInterruptDisable: true }), { commandLine });
    expect(fixed.outcome.devices['01:00.0']).toBe('working');
  });

  it('nointremap: the unit goes on remapping, and refuses what this kernel sends without', () => {
    for (const parameter of ['nointremap', 'intremap=off']) {
      const { outcome } = run(masked, 'linux-6', { commandLine: [parameter] });
      expect(outcome.stoppedAt).toBeNull();
      expect(outcome.interruptFaults.byRequester['01:00.0']?.reasons).toHaveProperty('0x25');
      expect(outcome.devices['01:00.0']).toBe('failed');
    }
  });
});
