import { kernelProfile } from '@quiesce/boot-sequencer';
import { expect, it } from 'vitest';
import { parametersOf, withParameters } from './with-parameters.ts';

const linux = kernelProfile('linux-6');

it('takes a command line apart as the kernel does', () => {
  expect(parametersOf(' ro  intel_iommu=on,sm_on dyndbg="file a.c +p" quiet')).toEqual([
    'ro',
    'intel_iommu=on,sm_on',
    'dyndbg=file a.c +p',
    'quiet',
  ]);
});

it('sets what the model knows, the last one last', () => {
  expect(withParameters(linux, ['intel_iommu=off'], 'second').profile.remapping.enabled).toBe(false);
  expect(
    withParameters(linux, ['intel_iommu=off', 'intel_iommu=on'], 'second').profile.remapping.enabled,
  ).toBe(true);
  const both = withParameters(linux, ['intel_iommu=on,sm_off'], 'first');
  expect(both.profile.remapping).toMatchObject({ enabled: true, scalable: 'off' });
  expect(both.effects).toHaveLength(2);
});

it('leaves the rest alone', () => {
  expect(withParameters(linux, ['quiet', 'root=/dev/sda1', 'iommu=pt', '='], 'second').profile).toEqual(
    linux,
  );
  expect(withParameters(linux, ['iommu=pt'], 'first').profile.first.defaultDomain).toBe('passthrough');
});
