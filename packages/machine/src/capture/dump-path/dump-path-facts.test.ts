import { describe, expect, it } from 'vitest';
import { capturedFolders, haveShared } from '../../testing/captures.ts';
import { importCapture } from '../import-capture.ts';

const host = (files: Readonly<Record<string, string>>) =>
  importCapture(
    Object.entries(files).map(([path, content]) => ({ path, content })),
    { name: 'x' },
  );
const report = 'sosreport-x/';

describe('what a sos report has of disks', () => {
  const { blockDevices, deviceNames, mounts } = host({
    [`${report}sos_commands/block/ls_-lanR_.sys.block`]: [
      '/sys/block:',
      'total 0',
      'drwxr-xr-x  2 0 0 0 Nov 21 04:42 .',
      'lrwxrwxrwx  1 0 0 0 Nov 21 04:42 sda -> ../devices/pci0000:00/0000:00:1f.2/ata1/host0/block/sda',
      'lrwxrwxrwx. 1 0 0 0 Nov 21 04:42 dm-0 -> ../devices/virtual/block/dm-0',
    ].join('\n'),
    [`${report}sos_commands/block/ls_-lanR_.dev`]: [
      '/dev/disk/by-uuid:',
      'total 0',
      'lrwxrwxrwx 1 0 0 10 Nov 21 04:42 0a1b-2c3d -> ../../sda1',
      '',
      '/dev/input:',
      'lrwxrwxrwx 1 0 0 10 Nov 21 04:42 x -> ../../y',
    ].join('\n'),
    [`${report}sos_commands/block/lsblk`]: [
      'NAME          MAJ:MIN RM  SIZE RO TYPE  MOUNTPOINT',
      'sda             8:0    0  100G  0 disk  ',
      '|-sda1          8:1    0    1G  0 part  /boot',
      '`-sda2          8:2    0   99G  0 part  ',
      '  |-rhel-root 253:0    0   50G  0 lvm   /',
      '  `-vg-x (dm-1) 253:1  0   50G  0 crypt ',
      'sdb             8:16   1    4G  0 disk  ',
      '└─rhel-root   253:0    0   50G  0 lvm   /',
      'sr0            11:0    1 1024M  0 rom   ',
    ].join('\n'),
    [`${report}sos_commands/block/blkid_-c_.dev.null`]:
      '/dev/sda1: LABEL="boot" UUID="1111-2222" TYPE="vfat" PARTUUID="0000-01"\n/dev/sda2: TYPE="LVM2_member"\n',
    [`${report}proc/mounts`]: 'rootfs / rootfs rw 0 0\n/dev/mapper/rhel-root / xfs rw,seclabel 0 0\n',
    [`${report}sos_commands/filesys/mount_-l`]: '/dev/sda1 on /boot\\040x type vfat (rw,relatime) [boot]\n',
    [`${report}etc/fstab`]: '# comment\nUUID=1111-2222 /boot vfat defaults 0 2\nbroken\n',
  }).host;

  it('are links of /sys, rows of lsblk, and both of one device', () => {
    const brief = blockDevices?.map(({ name, function: fn, number, layer, partitionOf, over }) =>
      [
        name,
        fn ?? '',
        number ?? '',
        layer?.value ?? '',
        partitionOf?.value ?? '',
        over.map((one) => one.value).join(),
      ].join(' '),
    );
    expect(brief).toEqual([
      'sda 0000:00:1f.2 8:0   ',
      'dm-0     ',
      'sda1  8:1  sda ',
      'sda2  8:2  sda ',
      'rhel-root  253:0 lvm  sda2,sdb',
      'vg-x  253:1 crypt  sda2',
      'sdb  8:16   ',
    ]);
    expect(blockDevices?.[4]?.over[1]).toEqual({
      value: 'sdb',
      file: `${report}sos_commands/block/lsblk`,
      line: 8,
    });
    expect(blockDevices?.[0]?.found).toMatchObject({
      file: `${report}sos_commands/block/ls_-lanR_.sys.block`,
      line: 4,
    });
  });

  it('are names of links and of blkid, and mounts', () => {
    expect(deviceNames?.map(({ name, device }) => `${name} ${device.value} ${device.line}`)).toEqual([
      '/dev/disk/by-uuid/0a1b-2c3d sda1 3',
      '/dev/disk/by-label/boot sda1 1',
      '/dev/disk/by-uuid/1111-2222 sda1 1',
      '/dev/disk/by-partuuid/0000-01 sda1 1',
    ]);
    expect(
      mounts?.map(({ source, point, type, configured }) => [source.value, point, type, configured]),
    ).toEqual([
      ['rootfs', '/', 'rootfs', false],
      ['/dev/mapper/rhel-root', '/', 'xfs', false],
      ['/dev/sda1', '/boot x', 'vfat', false],
      ['UUID=1111-2222', '/boot', 'vfat', true],
    ]);
  });
});

it('what a sos report has of networks', () => {
  const { networkInterfaces, networkRoutes } = host({
    [`${report}sos_commands/networking/ip_-s_-d_link`]: [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT',
      '2: eno1: <BROADCAST,MULTICAST,SLAVE,UP> mtu 1500 qdisc mq master bond0 state UP mode DEFAULT',
      '    link/ether 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff',
      '5: bond0: <BROADCAST,MULTICAST,MASTER,UP> mtu 1500 state UP',
      '6: bond0.7@bond0: <BROADCAST,UP> mtu 1500 state UP',
      '7: veth0@if9: <BROADCAST,UP> mtu 1500 state DOWN',
    ].join('\n'),
    [`${report}sos_commands/networking/ethtool_-i_eno1`]: 'driver: igb\nversion: 5\nbus-info: 0000:01:00.0\n',
    [`${report}proc/net/bonding/bond0`]:
      'Bonding Mode: x\nCurrently Active Slave: eno1\n\nSlave Interface: eno2\nMII Status: up\n',
    [`${report}sos_commands/networking/ip_route_show_table_all`]: [
      'default via 10.0.0.1 dev bond0.7 proto static metric 400',
      '10.1.0.0/16 dev eno1 scope link src 10.1.2.3',
      'local 10.1.2.3 dev eno1 table local proto kernel scope host',
      'unreachable default dev lo table unspec metric 4294967295',
    ].join('\n'),
    [`${report}sos_commands/networking/route_-n`]: [
      'Kernel IP routing table',
      'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface',
      '0.0.0.0         10.0.0.1        0.0.0.0         UG    400    0        0 bond0.7',
      '10.1.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eno1',
    ].join('\n'),
    [`${report}proc/net/route`]:
      'Iface\tDestination\neno1\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\neno1\t0\t0\t0\n',
  }).host;
  const brief = networkInterfaces?.map(({ name, function: fn, state, active, over }) =>
    [name, fn ?? '', state?.value ?? '', active?.value ?? '', over.map((one) => one.value).join()].join(' '),
  );
  expect(brief).toEqual([
    'lo  unknown  ',
    'eno1 0000:01:00.0 up  ',
    'bond0  up eno1 eno1,eno2',
    'bond0.7  up  bond0',
    'veth0  down  ',
  ]);
  expect(
    networkRoutes?.map(({ interfaceName: { value, line }, destination, mask, metric }) => [
      value,
      line,
      destination,
      mask,
      metric,
    ]),
  ).toEqual([
    ['bond0.7', 1, 0, 0, 400],
    ['eno1', 2, 0x0a010000, 0xffff0000, 0],
    ['bond0.7', 3, 0, 0, 400],
    ['eno1', 4, 0x0a010000, 0xffff0000, 0],
    ['eno1', 2, 0x0a010000, 0xffff0000, 0],
  ]);
});

it('a target of dracut’s arguments is one of kdump’s', () => {
  const text = 'dracut_args --no-hostonly --mount "/dev/sdb1 /kdump ext4 defaults"\npath /dumps\n';
  expect(host({ 'etc/kdump.conf': text }).host.dumpDestination).toEqual({
    value: 'ext4 /dev/sdb1 /dumps',
    file: 'etc/kdump.conf',
    line: 1,
  });
});

it('nothing is said of what a capture has nothing of', () => {
  expect(Object.keys(host({ 'proc/cmdline': 'root=/dev/sda1 quiet\n' }).host)).not.toContain('mounts');
});

it('what is pasted is taken by its command', () => {
  const text = [
    '$ ls -l /dev/disk/by-label',
    'total 0',
    'lrwxrwxrwx 1 root root 10 Nov 21 x -> ../../sdz',
    '$ cat /etc/fstab',
    '/dev/sdz / xfs x 0 0',
  ];
  const { deviceNames, mounts } = host({
    'paste.txt': text.map((line) => line.replace('$', 'root@x:~#')).join('\n'),
  }).host;
  expect(deviceNames).toEqual([
    { name: '/dev/disk/by-label/x', device: { value: 'sdz', file: 'paste.txt', line: 3 } },
  ]);
  expect(mounts?.[0]).toMatchObject({ configured: true, source: { line: 5 } });
});

it('lines that are no mount, route or row of lsblk are told, the first of each file with its place', () => {
  const { notes } = importCapture(
    [
      { path: 'proc/mounts', content: '/dev/sda1 / xfs rw 0 0\ngarbled\nand more\n' },
      { path: 'etc/fstab', content: '# none\n/dev/sda2 none swap sw 0 0\nx\n' },
      { path: 'proc/net/route', content: 'Iface\tDestination\neth0\tzz\n' },
      { path: 'sos_commands/block/lsblk', content: 'NAME MAJ:MIN RM\nsda 8:0 0 1G 0 disk\n?\n' },
    ],
    { name: 'x' },
  );
  expect(notes.filter(({ message }) => message.includes('not read as'))).toEqual([
    { file: 'proc/mounts', line: 2, message: '2 lines are not read as a mount, this one the first' },
    { file: 'etc/fstab', line: 3, message: 'this is not read as a mount' },
    { file: 'proc/net/route', line: 2, message: 'this is not read as a route' },
    { file: 'sos_commands/block/lsblk', line: 3, message: 'this is not read as a row of lsblk' },
  ]);
});

it('drivers that dracut’s arguments leave out are told with their line', () => {
  const text =
    'path /x\ndracut_args --omit-drivers "mlx5_core nouveau" --add x\ndracut_args --omit-drivers=igb\n';
  expect(host({ 'etc/kdump.conf': text }).host.omittedDrivers).toEqual([
    { value: 'mlx5_core', file: 'etc/kdump.conf', line: 2 },
    { value: 'nouveau', file: 'etc/kdump.conf', line: 2 },
    { value: 'igb', file: 'etc/kdump.conf', line: 3 },
  ]);
});

it('default routes of IPv6 are read, those that refuse are none', () => {
  const zero = '0'.repeat(32);
  const line = (plen: string, flags: string, name: string): string =>
    `${zero} ${plen} ${zero} 00 fe80000000000000000000000000000${plen === '00' ? 1 : 0} 00000400 00000001 00000000 ${flags}     ${name}\n`;
  const text = line('00', '00000003', 'eth0') + line('00', '00200200', 'lo') + line('40', '00000001', 'eth1');
  const { host: facts, notes } = importCapture([{ path: 'proc/net/ipv6_route', content: text }], {
    name: 'x',
  });
  expect(facts.networkRoutes).toEqual([
    {
      interfaceName: { value: 'eth0', file: 'proc/net/ipv6_route', line: 1 },
      version: 6,
      destination: 0,
      mask: 0,
      metric: 0x400,
    },
  ]);
  expect(notes.filter(({ message }) => message.includes('route'))).toEqual([]);
});

it('a boot log tells on which functions NVMe controllers and interfaces are', () => {
  const log = [
    'Linux version 6.1.0 (x)',
    'nvme nvme0: pci function 0000:02:00.0',
    'tg3 0000:03:00.0 eth0: Link is down',
    'tg3 0000:03:00.0 eno1: renamed from eth0',
    'tg3 0000:03:00.0 eno1: Link is up at 1000 Mbps',
    'tg3 0000:03:00.1 eth0: no link yet',
    'i915 0000:00:02.0 drm: x',
  ];
  const text = log.map((line, index) => `[    0.${100_000 + index}] ${line}\n`).join('');
  const { blockDevices, networkInterfaces } = host({ 'dmesg.txt': text }).host;
  expect(blockDevices).toEqual([
    {
      name: 'nvme0n1',
      found: { value: 'nvme0: pci function 0000:02:00.0', file: 'dmesg.txt', line: 2 },
      function: '0000:02:00.0',
      over: [],
    },
  ]);
  expect(
    networkInterfaces?.map(({ name, function: fn, state, found }) => [name, fn, state?.value, found.line]),
  ).toEqual([
    ['eno1', '0000:03:00.0', 'up', 4],
    ['eth0', '0000:03:00.1', undefined, 6],
  ]);
});

it.skipIf(!haveShared)('boot logs of real machines tell where their disks and interfaces are', () => {
  const told = (name: string): string[] => {
    const folder = capturedFolders().find((one) => one.name === name);
    const { blockDevices = [], networkInterfaces = [] } = importCapture(folder?.files ?? [], { name }).host;
    return [
      ...blockDevices.map((one) => `${one.name} ${one.function}`),
      ...networkInterfaces.map((one) => `${one.name} ${one.function} ${one.state?.value ?? 'unknown'}`),
    ];
  };
  expect(told('dell-precision-5820-vmd')).toEqual(['nvme0n1 10000:01:00.0', 'eno1 0000:00:1f.6 up']);
  expect(told('supermicro-7048gr')).toEqual(['eno2 0000:81:00.1 unknown', 'eno1 0000:81:00.0 up']);
});
