import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HostFile, madeUpHost } from '../testing/made-up-host.ts';
import { withDumpPath } from './with-dump-path.ts';

const names = [
  'dm-0',
  'dm-1',
  'md0',
  'sda',
  'sda1',
  'nvme0n1',
  'nvme0c0n1',
  'vda',
  'eth0',
  'bond0',
  'br0',
  'x',
];
const name = fc.constantFrom(...names);
const several = fc.uniqueArray(name, { maxLength: 5 });
const spec = fc.oneof(
  name.map((one) => `/dev/${one}`),
  name.map((one) => `/dev/mapper/${one}`),
  fc.constantFrom('UUID=a', 'LABEL=b', '/dev/root', 'server:/x', '/dev/disk/by-uuid/a', '', '/dev/', 'tank'),
  fc.string({ maxLength: 12 }),
);
const folder = fc.constantFrom(
  '../../devices/pci0000:00/0000:00:1f.2/block/x',
  '../../devices/virtual/block/x',
  '../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1',
  '../../devices/platform/host1/session1/x',
  '../../devices/pci0000:00/0000:00:04.0/net/x',
  '../../devices/virtual/net/x',
  'nowhere',
);

/** Files of `/sys`, mounts, names and routes that contradict each other, and lead round in circles. */
const files: fc.Arbitrary<Record<string, HostFile>> = fc
  .array(
    fc.oneof(
      fc.tuple(name, folder).map(([one, link]) => [`sys/class/block/${one}`, { link }] as const),
      fc.tuple(name, several).map(([one, all]) => [`sys/class/block/${one}/slaves`, all.join('\n')] as const),
      fc.tuple(name, name).map(([one, other]) => [`sys/class/block/${one}/dm/name`, other] as const),
      fc.tuple(name, fc.nat(3)).map(([one, minor]) => [`sys/class/block/${one}/dev`, `8:${minor}`] as const),
      fc.tuple(name, folder).map(([one, link]) => [`sys/class/net/${one}`, { link }] as const),
      fc
        .tuple(name, name)
        .map(([one, other]) => [`sys/class/net/${one}/lower_${other}`, { link: 'x' }] as const),
      fc
        .tuple(name, name)
        .map(([one, other]) => [`sys/class/net/${one}/bonding/active_slave`, other] as const),
      fc
        .tuple(fc.constantFrom('a', 'b'), name)
        .map(([one, to]) => [`dev/disk/by-uuid/${one}`, { link: to }] as const),
    ),
    { maxLength: 30 },
  )
  .map((entries) => Object.fromEntries(entries));
const mounts = fc
  .array(fc.tuple(spec, fc.constantFrom('/', '/var', '/var/crash', '/p'), fc.nat(3)), { maxLength: 6 })
  .map((all) =>
    all
      .map(([source, point, minor], index) => `${index} 1 8:${minor} / ${point} rw - xfs ${source} rw`)
      .join('\n'),
  );
const table = fc
  .array(fc.tuple(spec, fc.constantFrom('/', '/var', '/p')), { maxLength: 4 })
  .map((all) => all.map(([source, point]) => `${source} ${point} xfs defaults 0 0`).join('\n'));
const routes = fc
  .array(name, { maxLength: 3 })
  .map((all) => all.map((one) => `${one}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0`).join('\n'));
const destination = fc.oneof(
  spec.map((one) => `ext4 ${one}`),
  fc.constantFrom(
    'path /var/crash',
    'path /p/../q',
    'ssh a@b',
    'nfs 10.0.0.1:/x',
    'virtiofs x',
    'raw /dev/dm-0',
  ),
);

it('comes to an end on any graph of devices, mounts and interfaces, and names functions that there are', () => {
  fc.assert(
    fc.property(files, mounts, table, routes, destination, (some, mountinfo, fstab, route, line) => {
      const host = madeUpHost({
        ...some,
        'proc/self/mountinfo': mountinfo,
        'etc/fstab': fstab,
        'proc/net/route': route,
        'proc/cmdline': 'root=/dev/root quiet\n',
        'etc/kdump.conf': `${line}\n`,
      });
      const { imported, dumpPath } = withDumpPath(host);
      const known = new Set(imported.machine?.functions.map((one) => one.name));
      expect(dumpPath?.functions.filter((one) => !known.has(one))).toEqual([]);
      expect(dumpPath?.functions.length === 0).toBe(dumpPath?.certainty === 'unknown');
      expect(known.has(imported.machine?.dumpTarget ?? '')).toBe(true);
    }),
    { numRuns: 150 },
  );
});

it('follows a volume over thousands of disks, and a chain of thousands of devices, within bounds', () => {
  const many: Record<string, HostFile> = { 'etc/kdump.conf': 'raw /dev/dm-0\n' };
  for (let index = 0; index < 4000; index++)
    many[`sys/class/block/dm-${index}/slaves`] = `dm-${index + 1}\ndm-0`;
  expect(withDumpPath(madeUpHost(many)).dumpPath).toMatchObject({ certainty: 'unknown', functions: [] });
});
