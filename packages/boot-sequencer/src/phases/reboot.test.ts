import { type Machine, type MachineFunction, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { KernelProfile, RebootProfile } from '../profile/kernel-profile.ts';
import { kernelProfile } from '../profile/profiles.ts';

const names = { name: 'nothing', description: 'Does nothing.', sources: [] };
const nothing = { ...names, create: () => names };

const CAPTURE = '0000:06:00.0';
const ROOT_PORT = 4;

/** A kernel that copies tables, so that undriven devices go on until the reboot. */
function kernel(reboot: Partial<RebootProfile>): KernelProfile {
  const linux = kernelProfile('linux-6');
  return { ...linux, name: 'sample', reboot: { ...linux.reboot, ...reboot } };
}

function run(machine: Machine, reboot: Partial<RebootProfile>, seed = 1): Outcome {
  return crash({ machine, strategy: nothing, kernel: kernel(reboot), seed }).outcome;
}

const lab = preset('q35-lab');
const closes = { clearsPortBusMaster: true };

/** The sound card behind a switch has no driver in the second kernel, and makes so many requests in a second. */
function undriven(ratePerSecond: number, first = true): Machine {
  const functions = lab.functions.map((one): MachineFunction => {
    const { name, endpoint, driver } = one;
    if (endpoint.kind === 'idle' || name === lab.dumpTarget) return one;
    if (name !== CAPTURE) return { ...one, driver: { ...driver, first: false, second: false } };
    const workload = { ...endpoint.workload, ratePerSecond, bytesPerUnit: 128, burstBytes: 128 };
    return { ...one, driver: { ...driver, first, second: false }, endpoint: { ...endpoint, workload } };
  });
  return {
    ...lab,
    functions: withSystemErrors(functions),
    platform: { ...lab.platform, systemError: 'smi-hang' },
  };
}

/** Root Control of every root port lets non-fatal and fatal errors through (PCIe 7.5.3.12). */
function withSystemErrors(functions: readonly MachineFunction[]): MachineFunction[] {
  return functions.map((one) => {
    const bytes = Uint8Array.from({ length: one.config.length / 2 }, (_, at) =>
      Number.parseInt(one.config.slice(2 * at, 2 * at + 2), 16),
    );
    let at = bytes[0x34] ?? 0;
    while (at !== 0 && bytes[at] !== 0x10) at = bytes[at + 1] ?? 0;
    if (at === 0 || (bytes[at + 2] ?? 0) >>> 4 !== ROOT_PORT) return one;
    bytes[at + 0x1c] = 0x06;
    const config = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return { ...one, config };
  });
}

describe('the reboot after the dump', () => {
  it('completes where ports are left alone, and says so', () => {
    const { log, outcome } = crash({ machine: lab, strategy: nothing, kernel: 'linux-6', seed: 1 });
    expect(outcome.reboot).toEqual({ verdict: 'completed', cause: null });
    expect(log.at(-1)).toContain('reboot: Restarting system');
  });

  it('is not reached by a machine that has stopped', () => {
    const strategy = {
      ...names,
      create: () => ({
        ...names,
        setupArch() {
          throw new Error('out of order');
        },
      }),
    };
    expect(crash({ machine: lab, strategy, kernel: 'linux-6', seed: 1 }).outcome.reboot).toEqual({
      verdict: 'not-reached',
      cause: null,
    });
  });

  it('hangs if a port is closed above a device that goes on, and the dump stays what it was', () => {
    const machine = undriven(2000);
    const hung = run(machine, closes);
    expect(hung.reboot.verdict).toBe('hung');
    expect(hung.reboot.cause).toContain('error-message');
    const left = run(machine, {});
    expect(left.reboot.verdict).toBe('completed');
    const { reboot: _, traceHash: __, ...atDump } = hung;
    expect(left).toMatchObject(atDump);
    expect(hung.dump).not.toBe('lost');
    expect(hung.stoppedAt).toBeNull();
  });

  it('completes if nobody started the device, or if it lost bus mastering before its port', () => {
    expect(run(undriven(2000, false), closes).reboot.verdict).toBe('completed');
    const fixed = { ...closes, clearsDeviceBusMaster: true };
    expect(run(undriven(2000), fixed).reboot.verdict).toBe('completed');
  });

  it('completes if the device has a driver, which stops it first', () => {
    const machine = undriven(2000);
    const functions = machine.functions.map((one) =>
      one.name === CAPTURE ? { ...one, driver: { ...one.driver, second: true } } : one,
    );
    const outcome = run({ ...machine, functions }, closes);
    expect(outcome.devices['06:00.0']).toBe('working');
    expect(outcome.reboot.verdict).toBe('completed');
  });

  it('hangs in some runs only if the device asks seldom', () => {
    const machine = undriven(4);
    const seeds = Array.from({ length: 24 }, (_, index) => index + 1);
    const hung = seeds.filter((seed) => run(machine, closes, seed).reboot.verdict === 'hung').length;
    expect(hung).toBeGreaterThan(2);
    expect(hung).toBeLessThan(22);
  });
});

describe('a port that forwards nothing downwards while it is closed', () => {
  const server = preset('server-2012');
  const calm: Machine = {
    ...server,
    platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
  };
  const defective: Machine = {
    ...calm,
    functions: calm.functions.map((one) =>
      one.name === '0000:00:01.0' ? { ...one, defects: ['bus-master-gates-downstream'] } : one,
    ),
  };

  it('hangs the last line to the screen behind it', () => {
    expect(run(defective, closes).reboot).toEqual({ verdict: 'hung', cause: 'downstream-access' });
  });

  it('does no harm open, and neither does a port without the defect', () => {
    expect(run(defective, {}).reboot.verdict).toBe('completed');
    expect(run(calm, closes).reboot.verdict).toBe('completed');
  });
});
