import { preset } from '@quiesce/machine';
import type { StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { kernelProfile } from '../profile/profiles.ts';

const names = { name: 'nothing', description: 'does nothing', sources: [] };
const nothing: StrategyPlugin = { ...names, create: () => names };

/** Tylersburg under kernels that use its interrupt remapping in spite of its errata. */
function run(masks: { first: boolean; second: boolean }): Outcome {
  const profile = (masksRemappingErrors: boolean): KernelProfile => {
    const kernel = kernelProfile('linux-3.0');
    const remapping = { ...kernel.remapping, avoidsBrokenInterruptRemapping: false };
    return { ...kernel, remapping, masksRemappingErrors };
  };
  const machine = preset('tylersburg-2010');
  const request = { machine, strategy: nothing, seed: 1 };
  return crash({ ...request, kernel: profile(masks.second), firstKernel: profile(masks.first) }).outcome;
}

describe('masking of remapping faults in the core logic', () => {
  it('by the first kernel holds for the second: faults, and no SMI', () => {
    const outcome = run({ first: true, second: false });
    expect(outcome.interruptFaults.total).toBeGreaterThan(0);
    expect(outcome.systemErrors).toBe(0);
    expect(outcome.stoppedAt).toBeNull();
  });

  it('by the second alone comes too late for its own interrupt table', () => {
    const outcome = run({ first: false, second: true });
    expect(outcome.stoppedAt?.phase).toBe('irq_remap_init');
    expect(outcome.stoppedAt?.cause).toContain('SMI');
    expect(outcome.dump).toBe('lost');
  });
});
