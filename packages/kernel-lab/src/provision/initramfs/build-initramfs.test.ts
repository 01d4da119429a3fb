import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cache } from '../cache/cache.ts';
import { cachedPackages } from '../debian/debian-package.ts';
import { KernelConfig } from '../kernel/kernel-config.ts';
import { buildInitramfs } from './build-initramfs.ts';
import { guestPrograms } from './guest-programs.ts';

const cache = new Cache();
const cached = new Set((await cachedPackages(cache)).map(({ name }) => name));
const isSetUp = ['busybox-static', 'kexec-tools', 'libasound2-data'].every((name) => cached.has(name));

describe.skipIf(!isSetUp)('an initramfs (skipped where the lab is not set up)', () => {
  let archive: string;
  let path: string;

  const plan = {
    kernel: { modules: undefined },
    modules: ['e1000e'],
    programs: ['kexec', 'arecord'] as const,
    files: [{ path: '/etc/motd', content: 'hello\n', mode: 0o600 }],
    init: '#!/bin/sh\n',
  };

  beforeAll(async () => {
    const built = await buildInitramfs(plan, cache);
    path = built.path;
    archive = readFileSync(path, 'latin1');
    expect(built).toMatchObject({ absent: ['e1000e'], modules: [], size: archive.length });
  });

  it.each([
    'init',
    'bin/sh',
    'bin/busybox',
    'sbin/kexec',
    'usr/bin/arecord',
    'lib64/ld-linux-x86-64.so.2',
    'lib/x86_64-linux-gnu/libc.so.6',
    'lib/x86_64-linux-gnu/libasound.so.2',
    'usr/share/alsa/alsa.conf',
    'mods/order',
    'etc/motd',
    'dev/console',
  ])('has %s', (file) => {
    expect(archive).toContain(`${file}\0`);
  });

  it('has nothing that was not asked for', () => {
    expect(archive).not.toContain('usr/bin/lspci\0');
    expect(archive).not.toContain('bin/probe\0');
  });

  it('is the same for the same plan, and another for another', async () => {
    expect((await buildInitramfs(plan, cache)).path).toBe(path);
    expect((await buildInitramfs({ ...plan, files: [] }, cache)).path).not.toBe(path);
  });

  it('does not miss what the kernel has built in', async () => {
    const config = new KernelConfig('CONFIG_E1000E=y\nCONFIG_BLK_DEV_NVME=m\n');
    const built = await buildInitramfs(
      { ...plan, kernel: { modules: undefined, config }, modules: ['e1000e', 'nvme'] },
      cache,
    );
    expect(built.absent).toEqual(['nvme']);
  });

  it('has every program of the guest from a package', () => {
    for (const { path, places, debianPackage } of Object.values(guestPrograms)) {
      expect(path).not.toMatch(/^\//);
      expect(places.length).toBeGreaterThan(0);
      expect(debianPackage).toMatch(/^[a-z-]+$/);
    }
  });
});
