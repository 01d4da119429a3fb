import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kernelFact, kernelFacts, kernelHas, likelyKernelHas } from './kernel-facts.ts';
import { kernelOrigin } from './kernel-origin.ts';
import { compareKernelVersions, isKernelWithin, parseKernelVersion, rangeName } from './kernel-version.ts';

const version = (text: string) => parseKernelVersion(text) ?? [];

it('knows where facts begin and end, those of stable branches included', () => {
  const has = (text: string) => kernelHas(version(text), 'misplaces-upper-context-table');
  expect(['5.14', '5.15.85', '6.1.187', '6.1.188', '6.12.109', '6.12.110', '7.2', '7.2.6'].map(has)).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

it('says where it does not know, and still which is nearer', () => {
  expect(kernelHas(version('7.2.3'), 'misplaces-upper-context-table')).toBeUndefined();
  expect(likelyKernelHas(version('7.2.3'), 'misplaces-upper-context-table')).toEqual({
    holds: true,
    doubt: '7.2.6 puts upper context tables where they belong; which release of 7.2 began is not known here',
  });
  expect(kernelHas(version('4.4.302'), 'no-flush-at-attach')).toBeUndefined();
});

it('has ranges that are in order and name versions', () => {
  for (const { name, ranges, unsure, says, source } of kernelFacts) {
    expect(says.length * source.length, name).toBeGreaterThan(0);
    for (const { from, before } of [...ranges, ...unsure]) {
      for (const text of [from, before]) expect(text, name).toMatch(/^\d+(\.\d+){0,2}$/);
      expect(
        compareKernelVersions(from.split('.').map(Number), before.split('.').map(Number)),
        name,
      ).toBeLessThan(0);
    }
    for (const [index, { from }] of ranges.entries()) {
      const earlier = ranges[index - 1];
      if (earlier !== undefined) expect(isKernelWithin(version(`${from}.0`), earlier), name).toBe(false);
    }
  }
  expect(kernelFact('rebuilds-tables').ranges.map(rangeName)).toEqual(['before 4.2']);
});

it.each([
  ['3.10.0-327.el7.x86_64', [3, 10, 0], 'Red Hat'],
  ['3.10.0-1062.7.1.el7.x86_64', [4, 9, 1], 'Red Hat'],
  ['3.10.0-1160.el7.x86_64', [4, 9, 1], 'Red Hat'],
  ['4.18.0-513.el8.x86_64', [5, 10, 0], 'Red Hat'],
  ['5.14.0-162.6.1.el9_1.x86_64', [5, 14, 0], 'Red Hat'],
  ['5.14.0-427.el9.x86_64', [6, 2, 0], 'Red Hat'],
  ['6.1.0-18-amd64', [6, 1, 0], 'Debian'],
  ['6.8.0-31-generic', [6, 8, 0], 'Ubuntu'],
])('%s is nearest to %j', (release, nearest, name) => {
  const origin = kernelOrigin(release);
  expect(origin?.version).toEqual(nearest);
  expect(origin?.distribution).toContain(name);
  expect(origin?.doubt).toBeTruthy();
});

it('takes a kernel of kernel.org for what it says', () => {
  expect(kernelOrigin('6.1.187')).toEqual({
    stated: [6, 1, 187],
    version: [6, 1, 187],
    isDistribution: false,
  });
  expect(kernelOrigin('2.6.32-754.el6.x86_64')?.isDistribution).toBe(true);
});

it('never throws, whatever a release looks like', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), fc.nat(400), (text, major, minor) => {
      expect(kernelOrigin(`${major}.${minor}${text}`)?.stated).toHaveLength(3);
      kernelOrigin(text);
    }),
  );
});

it('compares numbers, not words', () => {
  expect(compareKernelVersions([6, 9], [6, 12])).toBeLessThan(0);
  expect(compareKernelVersions([6, 1, 0], [6, 1])).toBe(0);
});
