import { kernelProfiles } from '@quiesce/boot-sequencer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareVersions } from './kernel-version.ts';
import { nearestProfile, profilesOf, type SimulatedPlatform, versionRanges } from './nearest-profile.ts';

it.each([
  ['2.6.32-754.el6.x86_64', 'linux-3.0', 'exact'],
  ['3.10.0-1160.el7.x86_64', 'linux-3.10', 'near'],
  ['3.2.0-4-amd64', 'linux-3.0', 'near'],
  ['4.4.0-210-generic', 'linux-4.8', 'near'],
  ['4.9.337', 'linux-4.2', 'exact'],
  ['4.18.0-513.el8.x86_64', 'linux-5.10', 'near'],
  ['5.11.0', 'linux-5.11', 'exact'],
  ['5.14.0-427.el9.x86_64', 'linux-6.0', 'near'],
  ['5.15.0-91-generic', 'linux-5.10', 'near'],
  ['6.1.0-18-amd64', 'linux-6.1.187', 'near'],
  ['6.1.192', 'linux-6.1.192', 'exact'],
  ['6.12.107+deb13-amd64', 'linux-6.12.107', 'exact'],
  ['6.12.117', 'linux-6.12.117', 'exact'],
  ['7.4.0-rc1', 'linux-6', 'exact'],
])('%s on Intel is simulated as %s (%s)', (release, profile, match) => {
  expect(nearestProfile('intel-vt-d', release)).toMatchObject({ profile, match });
});

it('knows AMD and Arm by versions of their own', () => {
  expect(nearestProfile('amd-vi', '4.4.5-1-ARCH').profile).toBe('amd-rebuild');
  expect(nearestProfile('amd-vi', '6.1.0').profile).toBe('amd-copy');
  expect(nearestProfile('smmu', '5.15.0').profile).toBe('smmuv3-reattach');
});

it('takes the newest one where no release is known, and says so', () => {
  for (const release of [undefined, '', 'Darwin 23', '\u0000']) {
    const nearest = nearestProfile('intel-vt-d', release);
    expect(nearest.match).toBe('assumed');
    expect(nearest.reasons.join()).toContain('newest');
  }
});

it('has a profile for every version of every platform, without gaps', () => {
  for (const platform of ['intel-vt-d', 'amd-vi', 'smmu', 'none'] as SimulatedPlatform[]) {
    const ranges = versionRanges(platform);
    expect(ranges[0]?.from).toBe('0');
    expect(ranges.at(-1)?.before).toBe('9999');
    for (const [index, { from }] of ranges.entries()) {
      if (index > 0) expect(from).toBe(ranges[index - 1]?.before);
    }
    for (const name of profilesOf(platform))
      expect(kernelProfiles.some((one) => one.name === name)).toBe(true);
  }
});

it('never throws, whatever a release looks like', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), fc.nat(400), (text, major, minor) => {
      expect(nearestProfile('intel-vt-d', text).profile).toBeTruthy();
      expect(nearestProfile('intel-vt-d', `${major}.${minor}${text}`).profile).toBeTruthy();
    }),
  );
});

it('compares numbers, not words', () => {
  expect(compareVersions([6, 9], [6, 12])).toBeLessThan(0);
  expect(compareVersions([6, 1, 0], [6, 1])).toBe(0);
});
