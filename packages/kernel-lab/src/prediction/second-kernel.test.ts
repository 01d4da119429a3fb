import { kernelProfile } from '@quiesce/boot-sequencer';
import { describe, expect, it } from 'vitest';
import { defaultVariant } from '../lab/lab-variant.ts';
import { kernelsOfVariant, profileOfVersion } from './second-kernel.ts';

describe('the profile of a version', () => {
  it.each([
    ['6.1.187', 'linux-6.1.187'],
    ['6.1.190', 'linux-6.1.192'],
    ['6.1.192-2', 'linux-6.1.192'],
    ['6.1.999', 'linux-6.1.192'],
    ['6.1', 'linux-6.1.192'],
    ['6.12', 'linux-6.12.117'],
    ['6.12.107', 'linux-6.12.107'],
    ['6.1.3', 'linux-6.1.187'],
    ['7.0.0-rc1+', 'linux-6.17'],
    ['7.3', 'linux-6'],
  ])('%s: %s', (version, name) => {
    expect(profileOfVersion(version).name).toBe(name);
  });

  it('of what is no version: none', () => {
    expect(() => profileOfVersion('mine')).toThrow('no version of a kernel');
  });
});

describe('both kernels of a variant', () => {
  const profile = kernelProfile('linux-6.12.117');

  it('no copy is what the profile of that name does', () => {
    const { first, second } = kernelsOfVariant(profile, { ...defaultVariant, tables: 'no-copy' });
    const reference = kernelProfile('linux-6-no-copy').remapping;
    const { disablesTranslationFirst, copiesContextEntries, copiesScalable, copiesInterruptTable } =
      reference;
    expect(second.remapping).toMatchObject({
      ...{ disablesTranslationFirst, copiesContextEntries, copiesScalable, copiesInterruptTable },
    });
    expect(first.remapping.copiesContextEntries).toBe(true);
  });

  it('modes, and how long nobody drives the devices', () => {
    const { first, second } = kernelsOfVariant(profile, {
      ...defaultVariant,
      firstScalable: true,
      undrivenMs: 700,
    });
    expect([first.remapping.scalable, second.remapping.scalable, second.undrivenMs]).toEqual([
      'on',
      'off',
      700,
    ]);
    expect(
      kernelsOfVariant(profile, { ...defaultVariant, tables: 'iommu-off' }).second.remapping.enabled,
    ).toBe(false);
  });
});
