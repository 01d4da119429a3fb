import fc from 'fast-check';
import { expect, it } from 'vitest';
import { importCapture } from '../import-capture.ts';

const sources: Readonly<Record<string, string>> = {
  'proc/self/mountinfo':
    '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n28 27 0:44 / /srv rw - nfs4 a:/x rw\n',
  'proc/mounts': '/dev/vda / ext4 rw 0 0\n',
  'etc/fstab': 'UUID=1111-2222 /boot vfat defaults 0 2\nLABEL="x\\040y" /x xfs x 0 0\n',
  'proc/net/route': 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n',
  'sos_commands/block/lsblk':
    'NAME MAJ:MIN RM\nsda 8:0 0 1G 0 disk\n`-sda1 8:1 0 1G 0 part /\n  `-x-y (dm-0) 253:0 0 1G 0 lvm\n',
  'sos_commands/block/blkid_-c_.dev.null': '/dev/sda1: LABEL="boot" UUID="1111-2222" TYPE="vfat"\n',
  'sos_commands/block/ls_-lanR_.sys.block':
    '/sys/block:\nlrwxrwxrwx 1 0 0 0 Nov 21 sda -> ../devices/pci0000:00/0000:00:1f.2/block/sda\n',
  'sos_commands/networking/ip_-d_link': '2: eth0.7@eth0: <UP> mtu 1500 master br0 state UP mode\n',
  'sos_commands/networking/ip_route': 'default via 10.0.0.1 dev eth0 metric 100\n10.0.0.0/24 dev eth0\n',
  'sos_commands/networking/ethtool_-i_eth0': 'driver: igb\nbus-info: 0000:01:00.0\n',
  'proc/net/bonding/bond0': 'Currently Active Slave: eno1\nSlave Interface: eno2\n',
  'sys/class/block/dm-0/slaves': 'sda\nsdb\n',
  'sys/class/block/dm-0/dm/name': 'x-y\n',
};
const mutated = fc
  .record({
    path: fc.constantFrom(...Object.keys(sources)),
    at: fc.nat(200),
    cut: fc.nat(20),
    put: fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('\n', '\0', ' ', '\\777', '"', '`-', ' -> ', '\uffff', '0'.repeat(300)),
    ),
    times: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ path, at, cut, put, times }) => {
    const text = (sources[path] as string).repeat(times);
    return { path, content: text.slice(0, at) + put + text.slice(at + cut) };
  });

it('whatever damages what disks and networks are told by, the rest is read, and every fact has its place', () => {
  fc.assert(
    fc.property(fc.uniqueArray(mutated, { maxLength: 6, selector: ({ path }) => path }), (damaged) => {
      const given = new Map(damaged.map((file) => [file.path, file]));
      const files = Object.entries(sources).map(([path, content]) => given.get(path) ?? { path, content });
      const { host } = importCapture(files, { name: 'x' });
      const places = [
        ...(host.blockDevices ?? []).flatMap(({ found, over }) => [found, ...over]),
        ...(host.networkInterfaces ?? []).flatMap(({ found, over }) => [found, ...over]),
        ...(host.mounts ?? []).map(({ source }) => source),
        ...(host.networkRoutes ?? []).map(({ interfaceName }) => interfaceName),
        ...(host.deviceNames ?? []).map(({ device }) => device),
      ];
      const lines = new Map(files.map(({ path, content }) => [path, content.split('\n').length]));
      for (const { value, file, line } of places) {
        expect(value.length).toBeLessThan(5000);
        expect(line ?? 1).toBeLessThanOrEqual(lines.get(file) ?? 0);
      }
      for (const { destination, mask, metric } of host.networkRoutes ?? [])
        expect([destination, mask, metric].every((one) => Number.isInteger(one) && one >= 0)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

it('long lines and many of them are read in no time, or passed over', () => {
  const long = (text: string) => `${text.repeat(2000)}\n`.repeat(50);
  const files = Object.keys(sources).map((path) => ({
    path,
    content: long('-x 8:1 <"/ ') + long('`|-') + long('a@'),
  }));
  expect(importCapture(files, { name: 'x' }).host.networkRoutes ?? []).toEqual([]);
});
