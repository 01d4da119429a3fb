import { kernelProfiles } from '@quiesce/boot-sequencer';
import { describe, expect, it } from 'vitest';
import { kernelsOf } from './change-kernel.ts';
import { checkProfile } from './check-profile.ts';

describe('kernels of a case', () => {
  it('the usual first kernel, unless one is named', () => {
    const { first, second } = kernelsOf(undefined, 'linux-6-no-copy');
    expect([first.name, second.name]).toEqual(['linux-6', 'linux-6-no-copy']);
    expect(kernelsOf('linux-3.10', 'linux-6').first.name).toBe('linux-3.10');
    expect(kernelsOf(undefined, 'xen-2011').second.name).toBe('linux-3.0');
  });

  it('fields of its own, and those of a change on top', () => {
    const second = { profile: 'linux-4.2', set: { remapping: { unmappableBuses: [6], eagerDomains: true } } };
    const change = { secondKernel: { set: { remapping: { unmappableBuses: [] } } } };
    const { remapping } = kernelsOf(undefined, second, change).second;
    expect(remapping).toMatchObject({ unmappableBuses: [], eagerDomains: true, copiesContextEntries: true });
  });

  it('our own profiles have the fields that profiles have', () => {
    for (const profile of kernelProfiles) expect(() => checkProfile(profile)).not.toThrow();
  });

  it.each([
    [{ remapping: { masksSpecErrors: true } }, 'no field remapping.masksSpecErrors'],
    [{ masksRemappingErrors: 'yes' }, 'masksRemappingErrors of a kernel profile is string'],
    [{ first: { addresses: null } }, 'first.addresses of a kernel profile is missing'],
    [{ smmu: { onEnabled: 'adopt' } }, 'smmu.abortsBeforeReset of a kernel profile is missing'],
    [{ phaseMs: 3 }, 'phaseMs of a kernel profile is number'],
  ])('%j is refused', (set, message) => {
    expect(() => kernelsOf(undefined, { profile: 'linux-6', set })).toThrow(message);
  });

  it('optional fields may be set', () => {
    const set = { keepsVirtualFunctions: true, first: { defaultDomain: 'passthrough' } };
    expect(kernelsOf(undefined, { profile: 'linux-6', set }).second.first.defaultDomain).toBe('passthrough');
  });
});
