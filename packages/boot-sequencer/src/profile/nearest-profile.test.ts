import { kernelFacts } from '@quiesce/machine';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import data from './kernel-eras.json' with { type: 'json' };
import { kernelEras, type ProfilePlatform } from './kernel-eras.ts';
import { chosenProfile, nearestProfile, platformProfiles, platformVersions } from './nearest-profile.ts';
import { kernelProfile, kernelProfiles } from './profiles.ts';

const platforms = Object.keys(data) as ProfilePlatform[];

it.each([
  ['2.6.32-754.el6.x86_64', 'linux-3.0', 'exact'],
  ['3.10.0-327.el7.x86_64', 'linux-3.10', 'near'],
  ['3.10.0-1160.el7.x86_64', 'linux-4.2', 'near'],
  ['3.2.0-4-amd64', 'linux-3.0', 'near'],
  ['4.4.0-210-generic', 'linux-4.8', 'near'],
  ['4.4.302', 'linux-4.8', 'near'],
  ['4.9.337', 'linux-4.2', 'exact'],
  ['4.18.0-513.el8.x86_64', 'linux-5.10', 'near'],
  ['4.19.300', 'linux-4.2', 'near'],
  ['5.10.13', 'linux-5.10', 'exact'],
  ['5.10.262', 'linux-5.10', 'exact'],
  ['5.11.0', 'linux-5.11', 'exact'],
  ['5.14.0-162.6.1.el9_1.x86_64', 'linux-5.10', 'near'],
  ['5.14.0-427.el9.x86_64', 'linux-6.0', 'near'],
  ['5.15.0-91-generic', 'linux-5.10', 'near'],
  ['5.15.100', 'linux-6.0', 'exact'],
  ['5.19.9', 'linux-5.10', 'exact'],
  ['5.19.10', 'linux-6.0', 'exact'],
  ['6.1.0-18-amd64', 'linux-6.1.187', 'near'],
  ['6.1.188', 'linux-6.1.192', 'exact'],
  ['6.5.13', 'linux-6.6', 'exact'],
  ['6.12.107+deb13-amd64', 'linux-6.12.107', 'exact'],
  ['6.12.109', 'linux-6.12.107', 'exact'],
  ['6.12.110', 'linux-6.12.117', 'exact'],
  ['6.14.6', 'linux-6.12.107', 'exact'],
  ['6.16.1', 'linux-6.17', 'exact'],
  ['7.0.4', 'linux-6.17', 'exact'],
  ['7.2.3', 'linux-6.17', 'near'],
  ['7.2.6', 'linux-6', 'exact'],
  ['7.3.4', 'linux-6', 'exact'],
  ['7.4.0-rc1', 'linux-6', 'exact'],
])('%s on Intel is simulated as %s (%s)', (release, profile, match) => {
  expect(nearestProfile('intel-vt-d', release)).toMatchObject({ profile, match });
});

it('knows AMD and Arm by versions of their own', () => {
  expect(nearestProfile('amd-vi', '4.4.5-1-ARCH').profile).toBe('amd-rebuild');
  expect(nearestProfile('amd-vi', '4.13.0').profile).toBe('amd-rebuild-quiet');
  expect(nearestProfile('amd-vi', '4.18.0')).toMatchObject({ profile: 'amd-copy-2017', match: 'exact' });
  expect(nearestProfile('amd-vi', '4.19.300')).toMatchObject({ profile: 'amd-copy-2017', match: 'near' });
  expect(nearestProfile('amd-vi', '5.2.17').profile).toBe('amd-copy');
  expect(nearestProfile('amd-vi', '6.1.192')).toMatchObject({ profile: 'amd-copy', match: 'exact' });
  expect(nearestProfile('amd-vi', '6.12.80')).toMatchObject({ profile: 'amd-copy', match: 'exact' });
  expect(nearestProfile('amd-vi', '6.6.130').match).toBe('near');
  expect(nearestProfile('amd-vi', '6.18.0').profile).toBe('amd-adopt');
  expect(nearestProfile('smmu', '5.15.0').profile).toBe('smmuv3-reattach');
  expect(nearestProfile('smmu', '7.3.4').match).toBe('exact');
  expect(nearestProfile('smmu', '7.4.0').match).toBe('near');
  expect(nearestProfile('smmu', '7.0.0-1005-nvidia').reasons.join()).toContain('NV-Kernels');
});

it('takes a distribution at its word where its banner names the version that it is built on', () => {
  const nearest = nearestProfile('intel-vt-d', '6.1.0-40-amd64', '6.1.190');
  expect(nearest).toMatchObject({ profile: 'linux-6.1.192', match: 'exact', version: [6, 1, 190] });
  expect(nearest.reasons.join()).toContain('built on 6.1.190');
});

it('takes the newest one where no release is known, and says so', () => {
  for (const release of [undefined, '', 'Darwin 23', '\u0000']) {
    const nearest = nearestProfile('intel-vt-d', release);
    expect(nearest).toMatchObject({ match: 'assumed', profile: 'linux-6' });
    expect(nearest.reasons.join()).toContain('newest');
  }
});

it('has a profile for every version of every platform, without gaps', () => {
  for (const platform of platforms) {
    for (const ranges of [kernelEras(platform), platformVersions(platform)]) {
      expect(ranges[0]?.from).toBe('0');
      expect(ranges.at(-1)?.before).toBe('9999');
      for (const [index, { from }] of ranges.entries()) {
        if (index > 0) expect(from).toBe(ranges[index - 1]?.before);
      }
    }
    for (const name of platformProfiles(platform))
      expect(kernelProfiles.some((one) => one.name === name)).toBe(true);
  }
});

it('chooses among profiles by facts that there are, and each era does what its profile says', () => {
  const names = new Set<string>(kernelFacts.map(({ name }) => name));
  for (const platform of platforms) {
    for (const { profile, has, ...rest } of data[platform]) {
      expect(() => kernelProfile(profile)).not.toThrow();
      for (const name of [...has, ...('reboots' in rest ? [rest.reboots] : [])])
        expect(names.has(name)).toBe(true);
    }
  }
  for (const { profile, doubts } of kernelEras('intel-vt-d')) {
    expect(doubts.join(), profile).not.toContain('the profile does');
  }
});

it('says of a fact what the profile of that fact does', () => {
  for (const { profile, has } of data['intel-vt-d']) {
    const { remapping, reboot } = kernelProfile(profile);
    const facts = new Set<string>(has);
    expect(remapping.copiesContextEntries, profile).toBe(!facts.has('rebuilds-tables'));
    expect(remapping.disablesTranslationFirst, profile).toBe(facts.has('translation-off-first'));
    if (!remapping.copiesContextEntries) continue;
    expect(remapping.copiedEntryFlush === 'none', profile).toBe(facts.has('no-flush-at-attach'));
    expect(remapping.copiesScalable, profile).toBe(!facts.has('takes-scalable-for-legacy'));
    expect(remapping.sharedDomains === 'group', profile).toBe(facts.has('shares-domains-by-group'));
    expect(remapping.ignoredUnits === 'switched-off', profile).toBe(facts.has('switches-ignored-units-off'));
    expect(remapping.deferredAttach === 'lone-devices', profile).toBe(facts.has('refuses-group-attach'));
    expect(remapping.enablesAts === 'at-attach', profile).toBe(facts.has('forgets-device-tlbs'));
    if (!remapping.copiesScalable) continue;
    expect(remapping.upperContextTable === 'first-free', profile).toBe(
      facts.has('misplaces-upper-context-table'),
    );
    expect(remapping.copiedEntryFlush === 'entry-domain', profile).toBe(facts.has('flushes-wrong-domain'));
    const row = data['intel-vt-d'].find((one) => one.profile === profile);
    expect(reboot.clearsPortBusMaster, profile).toBe(row !== undefined && 'reboots' in row);
  }
});

it('says of AMD what the profiles of AMD do', () => {
  for (const { profile, has } of data['amd-vi']) {
    const facts = new Set<string>(has);
    const { amd } = kernelProfile(profile);
    expect(amd?.handover, profile).toBe(
      facts.has('rebuilds-amd-device-table')
        ? 'rebuild'
        : facts.has('copies-amd-device-table')
          ? 'copy'
          : 'adopt',
    );
    expect(amd?.suppressesFaults, profile).toBe(facts.has('silences-amd-faults'));
    if (amd?.handover === 'copy') expect(amd.flushesOldDomain).toBe(!facts.has('forgets-old-amd-domains'));
  }
});

it('takes a profile that is asked for by its name', () => {
  expect(chosenProfile('intel-vt-d', 'linux-6.17')).toMatchObject({ match: 'exact', version: [6, 15, 0] });
  expect(chosenProfile('intel-vt-d', 'linux-6-iommu-off').version).toBeUndefined();
});

it('never throws, whatever a release looks like', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), fc.nat(400), (text, major, minor) => {
      expect(nearestProfile('intel-vt-d', text).profile).toBeTruthy();
      expect(nearestProfile('intel-vt-d', `${major}.${minor}${text}`).profile).toBeTruthy();
    }),
  );
});
