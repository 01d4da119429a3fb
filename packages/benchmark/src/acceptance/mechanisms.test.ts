import { type KernelProfile, kernelProfile, type RemappingProfile } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import type { EndpointTraits } from '@quiesce/pcie-model';
import { describe, expect, it } from 'vitest';
import { faulting, faultReasons, run, strategies } from './runs.ts';

/** Each outcome again with the mechanism behind it switched off: it must be gone. */

function withRemapping(name: string, change: Partial<RemappingProfile>): KernelProfile {
  const profile = kernelProfile(name);
  return { ...profile, remapping: { ...profile.remapping, ...change } };
}

function withTraits(machine: Machine, traits: Partial<EndpointTraits>): Machine {
  const functions = machine.functions.map((one) => ({
    ...one,
    endpoint: { ...one.endpoint, traits: { ...one.endpoint.traits, ...traits } },
  }));
  return { ...machine, functions };
}

const lab = preset('q35-lab');

describe('on q35-lab', () => {
  it("today's kdump is clean because entries are copied", () => {
    const kernel = withRemapping('linux-6', { copiesContextEntries: false, disablesTranslationFirst: true });
    expect(run(lab, { kernel: 'linux-6' }).dmaFaults.byRequester['01:00.0']).toBeUndefined();
    expect(run(lab, { kernel, firstKernel: 'linux-6' }).dmaFaults.byRequester['01:00.0']).toBeDefined();
  });

  it('reasons are 05 and 06 because domains are eager; lazy ones give 01 and 02', () => {
    expect(faultReasons(run(lab, { kernel: 'linux-6-no-copy' }))).toEqual(['0x05', '0x06']);
    const lazy = withRemapping('linux-6-no-copy', { eagerDomains: false });
    const reasons = faultReasons(run(lab, { kernel: lazy, firstKernel: 'linux-6' }));
    expect(reasons.slice(0, 2)).toEqual(['0x01', '0x02']);
  });

  it('addresses go out raw because translation goes off while tables are rebuilt', () => {
    const on = withRemapping('linux-6-no-copy', { disablesTranslationFirst: false });
    expect(run(lab, { kernel: 'linux-6-no-copy' }).untranslated.total).toBeGreaterThan(0);
    expect(run(lab, { kernel: on, firstKernel: 'linux-6' }).untranslated.total).toBe(0);
  });

  it('a command shadow that starts at 0 drops translation as early as interrupt remapping', () => {
    const early = run(lab, { kernel: 'linux-3.0' });
    const synced = run(lab, { kernel: withRemapping('linux-3.0', { shadowSynced: true }) });
    expect(early.untranslated.total).toBeGreaterThan(synced.untranslated.total * 4);
    expect(synced.untranslated.total).toBe(0);
  });

  it('disconnected devices fault again because stale engines resume', () => {
    const request = { kernel: 'linux-6-no-copy', strategy: strategies.xenDisconnect };
    expect(run(lab, request).dmaFaults.total).toBeGreaterThan(0);
    expect(run(withTraits(lab, { resumesStaleWork: false }), request).dmaFaults.total).toBe(0);
  });

  it('disconnecting stops devices because they honour Bus Master Enable', () => {
    const request = { kernel: 'linux-6-no-copy', strategy: strategies.xenDisconnect };
    const stubborn = run(withTraits(lab, { honoursBusMaster: false }), request);
    expect(Object.keys(stubborn.dmaFaults.byRequester['00:1b.0']?.phases ?? {})).toContain('iommu_init');
    // Below a port the bridge above is closed as well.
    expect(Object.keys(stubborn.dmaFaults.byRequester['07:00.0']?.phases ?? {})).toEqual(['init']);
  });

  it('UHCI is silent because of the USB hand-off', () => {
    const kernel = { ...kernelProfile('linux-6-no-copy'), handsOffUsb: false };
    expect(faulting(run(lab, { kernel: 'linux-6-no-copy' }))).not.toContain('00:1d.0');
    expect(faulting(run(lab, { kernel, firstKernel: 'linux-6' }))).toContain('00:1d.0');
  });

  it('interrupts fault because their table was emptied, and only where devices still interrupt', () => {
    const live: Machine = { ...lab, workload: { ...lab.workload, interrupts: true } };
    expect(run(live, { kernel: 'linux-3.10' }).interruptFaults.total).toBeGreaterThan(0);
    expect(run(lab, { kernel: 'linux-3.10' }).interruptFaults.total).toBe(0);
    const copied = withRemapping('linux-3.10', { copiesInterruptTable: true });
    expect(run(live, { kernel: copied }).interruptFaults.total).toBe(0);
  });

  it('a hot reset needs reset_devices', () => {
    const request = { kernel: 'linux-6-no-copy', strategy: strategies.hotReset };
    expect(faulting(run(lab, request))).not.toContain('01:00.0');
    expect(faulting(run(lab, { ...request, commandLine: [] }))).toContain('01:00.0');
  });

  it('an undriven device alters the dump through copied tables, and faults where they were rebuilt', () => {
    const functions = lab.functions.map((one) =>
      one.endpoint.kind === 'cyclic-stream' ? { ...one, driver: { first: true, second: false } } : one,
    );
    const undriven: Machine = { ...lab, functions };
    const copied = run(undriven, { kernel: 'linux-6' });
    expect(copied.dmaFaults.total).toBe(0);
    expect(copied.dump).toBe('altered');
    const rebuilt = run(undriven, { kernel: 'linux-6-no-copy' });
    expect(Object.keys(rebuilt.dmaFaults.byRequester['07:00.0']?.phases ?? {})).toContain('dump');
    expect(rebuilt.dump).toBe('saved');
    // These addresses lie above the machine's memory.
    expect(run(undriven, { kernel: 'linux-6-iommu-off' }).dump).toBe('saved');
  });

  it('says for each fault over which entry it came', () => {
    const count = run(lab, { kernel: 'linux-6-no-copy' }).dmaFaults.byRequester['07:00.0'];
    expect(count?.via['0x05']).toMatch(
      /^07:00\.0 write 0xfff[0-9a-f]{5} -> dmar0, entry at 0x[0-9a-f]+ -> refused$/,
    );
  });
});
