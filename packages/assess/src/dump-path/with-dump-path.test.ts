import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { below, type HostFile, madeUpHost, virtual } from '../testing/made-up-host.ts';
import { withoutHost } from '../world/simulated-world.ts';
import { withDumpPath } from './with-dump-path.ts';

const SATA = '0000:00:1f.2';
const CARD = '0000:00:04.0';
const OTHER_CARD = '0000:00:05.0';
const NVME = '0000:00:06.0';
const OTHER_NVME = '0000:00:07.0';
const RAID = '0000:00:08.0';

const sda = 'ata1/host0/target0:0:0/0:0:0:0/block/sda';
const disks: Readonly<Record<string, HostFile>> = {
  'sys/class/block/sda': below(SATA, sda),
  'sys/class/block/sda1': below(SATA, `${sda}/sda1`),
  'sys/class/block/sda2': below(SATA, `${sda}/sda2`),
  'sys/class/block/nvme0n1': below(NVME, 'nvme/nvme0/nvme0n1'),
  'sys/class/block/nvme1n1': below(OTHER_NVME, 'nvme/nvme1/nvme1n1'),
  'sys/class/block/sdb': below(RAID, 'host1/target1:2:0/1:2:0:0/block/sdb'),
};
const mounted = (...lines: string[]): Readonly<Record<string, HostFile>> => ({
  'proc/self/mountinfo': lines.map((line, index) => `${20 + index} 1 ${line}\n`).join(''),
});
const conf = (...lines: string[]): Readonly<Record<string, HostFile>> => ({
  'etc/kdump.conf': `# made up\n${lines.join('\n')}\n`,
});

function resolved(...files: readonly Readonly<Record<string, HostFile>>[]) {
  const { imported, dumpPath, assumed } = withDumpPath(madeUpHost(Object.assign({}, ...files)));
  if (dumpPath === null) throw new Error('there is a machine');
  return {
    target: imported.machine?.dumpTarget,
    certainty: dumpPath.certainty,
    functions: dumpPath.functions,
    steps: dumpPath.steps.map(({ source, text }) => `${source}: ${text}`),
    layers: dumpPath.layers,
    assumed,
  };
}

describe('a destination on a disk', () => {
  it('is a path, the file system that holds it, its device and that device’s function', () => {
    expect(
      resolved(
        disks,
        conf('path /var/crash'),
        mounted('8:1 / / rw - ext4 /dev/sda1 rw', '259:0 / /var rw - xfs /dev/nvme0n1 rw'),
      ),
    ).toEqual({
      target: NVME,
      certainty: 'followed',
      functions: [NVME],
      layers: ['xfs'],
      steps: [
        'etc/kdump.conf line 2: /var/crash',
        'proc/self/mountinfo line 2: /var/crash is on /var, which is /dev/nvme0n1 (xfs)',
        `sys/class/block/nvme0n1: nvme0n1 hangs on ${NVME}`,
      ],
      assumed: [],
    });
  });

  it.each([
    ['a UUID', 'ext4 UUID=0a1b-2c3d', { 'dev/disk/by-uuid/0A1B-2C3D': { link: '../../nvme1n1' } }],
    ['a label', 'xfs LABEL=dumps', { 'dev/disk/by-label/dumps': { link: '../../nvme1n1' } }],
    ['an id', 'raw /dev/disk/by-id/nvme-x', { 'dev/disk/by-id/nvme-x': { link: '../../nvme1n1' } }],
    ['a raw device', 'raw /dev/nvme1n1', {}],
    ['a path of udev', `raw /dev/disk/by-path/pci-${OTHER_NVME}-nvme-1`, {}],
  ])('is %s', (_, line, names) => {
    expect(resolved(disks, conf(line), names)).toMatchObject({
      target: OTHER_NVME,
      certainty: 'followed',
      functions: [OTHER_NVME],
      assumed: [],
    });
  });

  it.each([
    ['etc/default/kdump-tools', 'KDUMP_COREDIR="/var/crash"\nKDUMP_CMDLINE_APPEND="x"\n'],
    ['etc/sysconfig/kdump', 'KDUMP_SAVEDIR="file:///var/crash"\nKDUMP_DUMPLEVEL=31\n'],
    ['etc/sysconfig/kdump', 'KDUMP_SAVEDIR="/var//crash/"\nKDUMP_DUMPLEVEL=31\n'],
  ])('is a variable of %s', (path, text) => {
    const root = mounted('8:1 / / rw - ext4 /dev/sdb rw');
    expect(resolved(disks, { [path]: text }, root)).toMatchObject({ target: RAID, certainty: 'followed' });
  });

  const lvm = {
    ...disks,
    'sys/class/block/dm-0': virtual('block/dm-0'),
    'sys/class/block/dm-0/dm/name': 'vg--a-root\n',
    'sys/class/block/dm-0/dm/uuid': 'LVM\n',
    'sys/class/block/dm-0/slaves': 'dm-1\n',
    'sys/class/block/dm-1': virtual('block/dm-1'),
    'sys/class/block/dm-1/dm/name': 'luks-x\n',
    'sys/class/block/dm-1/dm/uuid': 'CRYPT\n',
    'sys/class/block/dm-1/slaves': 'sda2\n',
  };
  it.each(['/dev/mapper/vg--a-root', '/dev/vg-a/root', '/dev/dm-0'])(
    'lies under LVM and LUKS: %s',
    (name) => {
      const { target, steps, layers } = resolved(
        lvm,
        conf('path /var/crash'),
        mounted(`253:0 / / rw - xfs ${name} rw`),
      );
      expect(target).toBe(SATA);
      expect(layers).toEqual(['xfs', 'LVM', 'CRYPT', 'sd']);
      expect(steps.slice(2)).toEqual([
        'sys/class/block/dm-0/dm/name: dm-0 is vg--a-root',
        'sys/class/block/dm-0/slaves line 1: dm-0 is made of (LVM) dm-1',
        'sys/class/block/dm-1/dm/name: dm-1 is luks-x',
        'sys/class/block/dm-1/slaves line 1: dm-1 is made of (CRYPT) sda2',
        `sys/class/block/sda2: sda2 hangs on ${SATA}`,
      ]);
    },
  );

  it('is known by the number of its file system where that has no name', () => {
    const numbered = { ...lvm, 'sys/class/block/dm-0/dev': '253:0\n' };
    expect(resolved(numbered, conf('path /x'), mounted('253:0 / / rw - ext4 /dev/root rw')).target).toBe(
      SATA,
    );
    const line = { 'proc/cmdline': 'root=/dev/nvme0n1 ro\n' };
    expect(resolved(disks, line, conf('path /x'), mounted('9:9 / / rw - ext4 /dev/root rw')).target).toBe(
      NVME,
    );
  });

  it('is a partition of an array over two functions, which are all named', () => {
    const array = {
      'sys/class/block/md127': virtual('block/md127'),
      'sys/class/block/md127p1': virtual('block/md127/md127p1'),
      'sys/class/block/md127/md/level': 'raid1\n',
      'sys/class/block/md127/slaves': 'nvme0n1\nsda1\n',
    };
    const found = resolved(disks, array, conf('xfs /dev/md127p1'));
    expect(found).toMatchObject({ target: NVME, certainty: 'followed', functions: [NVME, SATA] });
    expect(found.layers).toEqual(['raid1', 'sd']);
    expect(found.assumed).toEqual([
      `Dump target: the dump goes through 2 functions: ${NVME}, the first, is simulated as its target.`,
    ]);
  });

  it('has several paths: of device mapper, or of NVMe itself', () => {
    const multipath = {
      'sys/class/block/sdc': below('0000:00:05.0', 'host2/block/sdc'),
      'sys/class/block/sdd': below('0000:00:08.0', 'host3/block/sdd'),
      'sys/block/dm-5': { link: '../devices/virtual/block/dm-5' },
      'sys/devices/virtual/block/dm-5/slaves/sdc': { link: '../x' },
      'sys/devices/virtual/block/dm-5/slaves/sdd': { link: '../x' },
      'sys/devices/virtual/block/dm-5/dm/name': 'mpatha\n',
    };
    expect(resolved(multipath, conf('raw /dev/mapper/mpatha')).functions).toEqual([OTHER_CARD, RAID]);
    const namespace = {
      'sys/class/block/nvme2n1': virtual('nvme-subsystem/nvme-subsys2/nvme2n1'),
      'sys/class/block/nvme2n1p3': virtual('nvme-subsystem/nvme-subsys2/nvme2n1/nvme2n1p3'),
      'sys/class/block/nvme2c2n1': below(NVME, 'nvme/nvme2/nvme2c2n1'),
      'sys/class/block/nvme2c3n1': below(OTHER_NVME, 'nvme/nvme3/nvme2c3n1'),
    };
    const found = resolved(namespace, conf('xfs /dev/nvme2n1p3'));
    expect(found).toMatchObject({ functions: [NVME, OTHER_NVME], layers: ['nvme'], certainty: 'followed' });
  });

  it('is virtio’s, behind a Volume Management Device, on USB: the function nearest to it', () => {
    const odd = {
      'sys/class/block/vda': below('0000:00:09.0', 'virtio1/block/vda'),
      'sys/class/block/sde': below(RAID, 'usb1/1-3/1-3:1.0/host6/block/sde'),
      'sys/class/block/nvme9n1': below(
        '0000:00:00.0',
        'pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme9/nvme9n1',
      ),
    };
    expect(resolved(odd, conf('ext4 /dev/vda'))).toMatchObject({
      target: '0000:00:09.0',
      layers: ['virtio_blk'],
    });
    expect(resolved(odd, conf('ext4 /dev/sde'))).toMatchObject({
      target: RAID,
      layers: ['sd', 'usb-storage'],
    });
    const absent = resolved(odd, conf('ext4 /dev/nvme9n1'));
    expect(absent).toMatchObject({ target: NVME, certainty: 'unknown', functions: [] });
    expect(absent.assumed).toEqual(['Dump target: 10000:e1:00.0 is not among the functions of the capture.']);
  });

  it('is a folder of the host that a guest runs on', () => {
    expect(resolved(conf('virtiofs dumps'))).toMatchObject({ target: '0000:00:0a.0', certainty: 'followed' });
  });

  it('is named by /etc/fstab where nothing else knows the name', () => {
    const table = { 'etc/fstab': '# x\nUUID=<uuid-1> /var xfs defaults 0 0\n' };
    const now = mounted('259:0 / /var rw - xfs /dev/nvme0n1 rw');
    expect(resolved(disks, table, now, conf('xfs UUID=<uuid-1>'))).toMatchObject({
      target: NVME,
      certainty: 'followed',
    });
    const later = resolved(
      disks,
      { 'etc/fstab': '/dev/sdb /var xfs defaults 0 0\n' },
      conf('path /var/crash'),
    );
    expect(later).toMatchObject({ target: RAID, certainty: 'assumed' });
    expect(later.assumed.join()).toContain('/etc/fstab says what is to be');
  });
});

describe('where a step is missing', () => {
  it('the only controller that can have such a name is taken, and said', () => {
    const found = resolved(conf('raw /dev/vdb1'));
    expect(found).toMatchObject({ target: '0000:00:09.0', certainty: 'assumed' });
    expect(found.assumed).toEqual([
      'Dump target: no source says what vdb1 hangs on: 0000:00:09.0 is taken, the only controller that can have it.',
    ]);
    expect(resolved(conf('raw /dev/nvme0n1')).assumed.join()).toContain('the first of 2 controllers');
  });

  it('a partition is on the disk that its name has, and a boot log knows NVMe controllers and links', () => {
    const whole = { 'sys/block/sda': below(SATA, sda) };
    expect(resolved(whole, conf('raw /dev/sda5'))).toMatchObject({ target: SATA, certainty: 'followed' });
    const dmesg = {
      'var/log/dmesg':
        `[    0.000000] Linux version 6.1.0\n[    1.000000] nvme nvme7: pci function ${OTHER_NVME}\n` +
        `[    2.000000] igb ${OTHER_CARD} eno2: igb: eno2 NIC Link is Up 1000 Mbps\n`,
    };
    expect(resolved(dmesg, conf('raw /dev/nvme7n1p3'))).toMatchObject({
      target: OTHER_NVME,
      certainty: 'followed',
    });
    expect(resolved(dmesg, conf('ssh a@b'))).toMatchObject({ target: OTHER_CARD, certainty: 'assumed' });
  });

  it('the root file system of the command line is taken for a path', () => {
    const line = { 'proc/cmdline': 'BOOT_IMAGE=/x root=/dev/nvme1n1 ro crashkernel=1G\n' };
    expect(resolved(disks, line, conf('path /var/crash'))).toMatchObject({
      target: OTHER_NVME,
      certainty: 'assumed',
    });
  });

  it('the usual path is taken for a destination that nothing names', () => {
    const found = resolved(disks, mounted('259:0 / / rw - xfs /dev/nvme0n1 rw'));
    expect(found).toMatchObject({ target: NVME, certainty: 'assumed' });
    expect(found.assumed).toEqual(['Dump target: no source says where the dump goes: /var/crash is taken.']);
  });

  it.each([
    ['of nothing that is known', { 'etc/kdump.conf': 'raw /dev/zd0\n' }],
    ['of a pool', { ...conf('path /x'), ...mounted('0:40 / / rw - zfs tank/root rw') }],
    [
      'of mounts in a circle',
      {
        ...conf('xfs UUID=a'),
        'etc/fstab': 'UUID=a /p xfs x 0 0\nUUID=b /q xfs x 0 0\n',
        ...mounted('0:1 / /p rw - xfs UUID=b rw', '0:2 / /q rw - xfs UUID=a rw'),
      },
    ],
  ])('the first disk controller stands for a destination %s', (_, files) => {
    expect(resolved(disks, files)).toMatchObject({ target: NVME, certainty: 'unknown', functions: [] });
  });
});

it('nothing is said of a way where no source speaks of a dump, but which function is taken', () => {
  const { imported, dumpPath, assumed } = withDumpPath(madeUpHost({}));
  expect([dumpPath, imported.machine?.dumpTarget]).toEqual([null, NVME]);
  expect(assumed).toEqual([
    `Dump target: no source says where the dump goes, ${NVME} is taken: the first disk controller.`,
  ]);
  const named = withDumpPath(withoutHost(preset('q35-lab')));
  expect([named.dumpPath, named.assumed]).toEqual([null, []]);
});

const cards: Readonly<Record<string, HostFile>> = {
  'sys/class/net/lo': virtual('net/lo'),
  'sys/class/net/eno1': below(CARD, 'net/eno1'),
  'sys/class/net/eno1/operstate': 'down\n',
  'sys/class/net/eno2': below(OTHER_CARD, 'net/eno2'),
  'sys/class/net/eno2/operstate': 'up\n',
};
const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (name: string, to: string, mask: string, metric = 0): string =>
  `${name}\t${to}\t00000000\t0001\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;

describe('a destination over the network', () => {
  it.each([
    ['ssh root@10.0.0.7', OTHER_CARD],
    ['nfs 10.0.0.7:/export', OTHER_CARD],
    ['nfs 192.168.1.1:/export', CARD],
  ])('takes the route to %s', (line, target) => {
    const routes = route('eno1', '00000000', '00000000') + route('eno2', '0000000A', '00FFFFFF');
    expect(resolved(cards, conf(line), { 'proc/net/route': head + routes })).toMatchObject({
      target,
      certainty: 'followed',
      assumed: [],
    });
  });

  it('takes the route that a redacted capture kept for it, else the default one, and says so', () => {
    const usual = route('eno1', '00000000', '00000000', 100) + route('eno1', '00000000', '00000000', 200);
    const kept = { 'proc/net/route': head + usual + route('eno2', '00000000', '00FFFFFF') };
    const names = conf('ssh <account-1>');
    expect(resolved(cards, names, kept)).toMatchObject({ target: OTHER_CARD, certainty: 'followed' });
    const alone = resolved(cards, names, { 'proc/net/route': head + usual });
    expect(alone).toMatchObject({ target: CARD, certainty: 'assumed' });
    expect(alone.assumed.join()).toContain('taken to be on the default route');
    expect(alone.steps[1]).toBe('proc/net/route line 2: the default route leads through eno1');
  });

  it('takes a default route of IPv6 for a server with such an address, and where there is no other', () => {
    const zeros = '0'.repeat(32);
    const six = `${zeros} 00 ${zeros} 00 ${zeros} 00000400 00000001 00000000 00000003 eno2\n`;
    const both = {
      'proc/net/ipv6_route': six,
      'proc/net/route': head + route('eno1', '00000000', '00000000'),
    };
    expect(resolved(cards, conf('nfs [2001:db8::1]:/x'), both)).toMatchObject({
      target: OTHER_CARD,
      certainty: 'followed',
    });
    expect(resolved(cards, conf('nfs 10.0.0.7:/x'), both).target).toBe(CARD);
    const alone = resolved(cards, conf('nfs <host-name-1>:/x'), { 'proc/net/ipv6_route': six });
    expect(alone).toMatchObject({ target: OTHER_CARD, certainty: 'assumed' });
  });

  it('goes through a VLAN on a bond under a bridge: the member that is active first', () => {
    const stack = {
      ...cards,
      'sys/class/net/br0': virtual('net/br0'),
      'sys/class/net/br0/lower_bond0.7': { link: '../bond0.7' },
      'sys/class/net/br0/lower_vnet0': { link: '../vnet0' },
      'sys/class/net/bond0.7': virtual('net/bond0.7'),
      'sys/class/net/bond0.7/lower_bond0': { link: '../bond0' },
      'sys/class/net/bond0': virtual('net/bond0'),
      'sys/class/net/bond0/lower_eno1': { link: '../x' },
      'sys/class/net/bond0/lower_eno2': { link: '../x' },
    };
    const routes = { 'proc/net/route': head + route('br0', '00000000', '00000000') };
    const found = resolved(stack, routes, conf('nfs 10.0.0.7:/x'));
    expect(found).toMatchObject({ target: OTHER_CARD, functions: [OTHER_CARD, CARD], certainty: 'followed' });
    expect(found.layers).toEqual(['br0', 'bond0.7', 'bond0']);
    const active = { 'sys/class/net/bond0/bonding/active_slave': 'eno1\n' };
    expect(resolved(stack, routes, active, conf('nfs 10.0.0.7:/x')).functions).toEqual([CARD, OTHER_CARD]);
  });

  it('is a path on a file system of a server, or on a disk of one', () => {
    const routes = { 'proc/net/route': head + route('eno1', '00000000', '00000000') };
    const nfs = mounted('0:50 / /var/crash rw - nfs4 10.0.0.7:/dumps rw');
    expect(resolved(cards, routes, nfs, conf('path /var/crash'))).toMatchObject({
      target: CARD,
      certainty: 'followed',
    });
    const iscsi = {
      'sys/class/block/sdz': { link: '../../devices/platform/host9/session1/target9:0:0/9:0:0:1/block/sdz' },
    };
    const found = resolved(cards, routes, iscsi, conf('ext4 /dev/sdz'));
    expect(found).toMatchObject({ target: CARD, certainty: 'assumed' });
    expect(found.steps[1]).toContain('sdz comes over the network');
  });

  it('takes an interface that is up where no route is known, else a card with a driver', () => {
    expect(resolved(cards, conf('ssh root@x'))).toMatchObject({ target: OTHER_CARD, certainty: 'assumed' });
    expect(resolved(conf('ssh root@x'))).toMatchObject({ target: CARD, certainty: 'assumed' });
  });
});
