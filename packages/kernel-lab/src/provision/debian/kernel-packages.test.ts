import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cache } from '../cache/cache.ts';
import { cachedPackages, packageKey } from './debian-package.ts';
import { byVersion, findKernelPackage, kernelPackage } from './kernel-packages.ts';
import { parseCandidate, parseMadison } from './package-index.ts';

/** As two archives and a source package are listed. */
const madison = `
linux-image-6.1.0-56-amd64 |  6.1.192-2 | http://archive.example/debian-security bookworm-security/main amd64 Packages
linux-image-6.1.0-53-amd64 |  6.1.187-1 | http://archive.example/debian-security bookworm-security/main amd64 Packages
linux-image-6.1.0-55-amd64 |  6.1.192-1 | http://archive.example/debian-security bookworm-security/main amd64 Packages
linux-image-6.1.0-50-amd64 |  6.1.76-1 | http://archive.example/debian bookworm/main amd64 Packages
linux-image-6.1.0-50-amd64 |  6.1.76-1 | http://archive.example/debian-security bookworm-security/main amd64 Packages
linux-image-6.12.117+deb12-amd64 | 6.12.117-1~deb12u1 | http://archive.example/debian bookworm/main amd64 Packages
linux-image-6.12.17+deb12-amd64 | 6.12.17-1~deb12u1 | http://archive.example/debian bookworm/main amd64 Packages
     linux |  6.1.192-2 | http://archive.example/debian bookworm/main Sources
`;
const packages = parseMadison(madison).sort(byVersion);

it('reads each package of the index once, and no sources', () => {
  expect(packages.map(({ version }) => version)).toEqual([
    '6.1.76-1',
    '6.1.187-1',
    '6.1.192-1',
    '6.1.192-2',
    '6.12.17-1~deb12u1',
    '6.12.117-1~deb12u1',
  ]);
});

it.each([
  ['debian-6.1', '6.1.192-2'],
  ['debian-6.12', '6.12.117-1~deb12u1'],
  ['debian-6.1.187', '6.1.187-1'],
  ['debian-6.1.192', '6.1.192-2'],
  ['debian-6.1.192-1', '6.1.192-1'],
  ['debian-6.12.17', '6.12.17-1~deb12u1'],
])('%s is %s', (name, version) => {
  expect(kernelPackage(name, packages).version).toBe(version);
});

it('says which there are where the one that was asked for is not', () => {
  const refusal =
    (name: string): (() => unknown) =>
    () =>
      kernelPackage(name, packages);
  expect(refusal('debian-6.1.19')).toThrow(
    expect.objectContaining({
      code: 'LAB_KERNEL',
      expected: expect.stringContaining('debian-6.1.187, debian-6.1.192'),
    }),
  );
  expect(refusal('debian-5.10')).toThrow(expect.objectContaining({ code: 'LAB_KERNEL' }));
  expect(refusal('6.1')).toThrow(expect.objectContaining({ code: 'LAB_KERNEL_NAME' }));
  expect(() => kernelPackage('debian-6.1', [])).toThrow(/--kernel-image/);
});

it('puts pre-releases of a version before it', () => {
  const versions = ['6.1.10-1', '6.1.9-1', '6.1.10~rc1-1', '6.1.10-2'];
  const sorted = versions.map((version) => ({ name: '', version })).sort(byVersion);
  expect(sorted.map(({ version }) => version)).toEqual(['6.1.9-1', '6.1.10~rc1-1', '6.1.10-1', '6.1.10-2']);
});

it('reads what would be installed', () => {
  expect(parseCandidate('kmod:\n  Installed: (none)\n  Candidate: 30+20221128-1\n  Version table:\n')).toBe(
    '30+20221128-1',
  );
  expect(parseCandidate('kmod:\n  Installed: (none)\n  Candidate: (none)\n')).toBeUndefined();
});

it('asks nobody for a point release that is in the cache', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'quiesce-packages-'));
  try {
    for (const each of packages) mkdirSync(join(directory, packageKey(each)), { recursive: true });
    const cache = new Cache(directory);
    expect((await findKernelPackage('debian-6.1.187', cache)).version).toBe('6.1.187-1');
    expect((await findKernelPackage('debian-6.1.192-1', cache)).version).toBe('6.1.192-1');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('knows the packages in the cache by their keys', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'quiesce-packages-'));
  try {
    const kexec = { name: 'kexec-tools', version: '1:2.0.25-3+deb12u3' };
    mkdirSync(join(directory, packageKey(kexec)), { recursive: true });
    expect(await cachedPackages(new Cache(directory))).toEqual([kexec]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
