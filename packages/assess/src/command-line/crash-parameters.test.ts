import { describe, expect, it } from 'vitest';
import { CrashParameters } from './crash-parameters.ts';
import { editDistance } from './edit-distance.ts';

describe('CrashParameters', () => {
  it('takes a line apart as the kernel does', () => {
    const line = new CrashParameters('ro  nr-cpus=1 dyndbg="file a.c +p; b" "quoted=x y" -- init=/x "1 2"');
    expect(line.all.map(({ name, value }) => [name, value])).toEqual([
      ['ro', undefined],
      ['nr_cpus', '1'],
      ['dyndbg', 'file a.c +p; b'],
      ['quoted', 'x y'],
    ]);
    expect(line.ofInit).toEqual(['init=/x', '1 2']);
  });

  it('has the last value, all of them, and the last of some words', () => {
    const line = new CrashParameters('iommu=pt,force iommu=off panic=0x10 panic=ten');
    expect(line.last('iommu')?.value).toBe('off');
    expect(line.values('iommu')).toEqual(['pt', 'force', 'off']);
    expect(line.lastOf('iommu', ['pt', 'nopt'])).toBe('pt');
    expect(line.number('panic')).toBeUndefined();
    expect(new CrashParameters('panic=0x10').number('panic')).toBe(16);
  });
});

describe('editDistance', () => {
  it.each([
    ['nr_cpus', 'nr_cpus', 0],
    ['nrcpus', 'nr_cpus', 1],
    ['rest_devices', 'reset_devices', 1],
    ['ipqopll', 'irqpoll', 2],
    ['irqplol', 'irqpoll', 1],
    ['abcdef', 'uvwxyz', 3],
    ['a', 'abcdef', 3],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b, 2)).toBe(distance);
  });
});
