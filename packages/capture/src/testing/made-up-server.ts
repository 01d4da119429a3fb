import type { TreeEntry } from './machine-tree.ts';

/** Things that must not leave the machine; each stands somewhere in {@link madeUpServer}. */
export const secrets: readonly string[] = [
  'vega7',
  'ops.example.org',
  '52:54:00:ab:cd:ef',
  '525400abcdef',
  '6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10',
  '6A1E5C3E',
  '10.20.30.40',
  'fd00:1:2::77',
  'kdumper',
  'vault.ops',
  'backup@',
  'S4EVNX0M',
  '5000c500a1b2c3d4',
  'hunter2',
  'margaret',
  '7c8334fffe112233',
  '3322',
  'iqn.2001',
  'ROOT-VEGA',
  // Of 10.20.30.40 and of 10.20.30.1, as routes have them.
  '1E140A',
  'fd0000010002',
  '0A1B-2C3D',
  'ata-MADE',
  '3600508b1',
];

const home = '/home';

/** The files of a server that does not exist, with a secret in every place where people have found one. */
export function madeUpServer(): Record<string, TreeEntry> {
  return {
    'proc/version': 'Linux version 6.1.0-55-amd64 (builder@vega7.ops.example.org) (gcc 12) #1 SMP\n',
    'proc/cmdline':
      'BOOT_IMAGE=/boot/vmlinuz-6.1.0-55-amd64 root=UUID=6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10 ro crashkernel=512M@16M ' +
      'intel_iommu=on BOOTIF=01-52-54-00-ab-cd-ef ip=10.20.30.40::10.20.30.1:255.255.255.0:vega7:eth0:off ' +
      'rd.luks.uuid=luks-6A1E5C3E-2F77-4A9A-9B1E-0D6C5F6D2A10 netroot=iscsi:@fd00:1:2::77::3260::iqn.2001-04.org.example:x\n',
    'proc/iomem':
      '00000000-00000fff : Reserved\n00001000-7fffffff : System RAM\n  01000000-01ffffff : Kernel code\n',
    'proc/cpuinfo':
      'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: made up\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\n',
    'proc/sys/kernel/hostname': 'vega7\n',
    'proc/sys/kernel/panic': '10\n',
    'proc/sys/kernel/osrelease': '6.1.0-55-amd64\n',
    'sys/kernel/kexec_crash_loaded': '1\n',
    'sys/kernel/kexec_crash_size': '536870912\n',
    'sys/class/dmi/id/sys_vendor': 'Made Up Systems\n',
    'sys/class/dmi/id/product_name': 'Server "One" \\ Two\n',
    'sys/class/dmi/id/product_serial': 'S4EVNX0M000001\n',
    'etc/hosts':
      '127.0.0.1 localhost\n10.20.30.40 vega7.ops.example.org vega7 # this one\n10.20.30.50 vault.ops.example.org\n',
    'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nHOME_URL="https://www.debian.org/"\n',
    'etc/kdump.conf':
      '# dumps go to the vault\r\nssh kdumper@vault.ops.example.org\nsshkey ' +
      `${home}/margaret/.ssh/kdump\n` +
      'ext4 LABEL=ROOT-VEGA\npath /var/crash/vega7\ncore_collector makedumpfile -l -d 31',
    'etc/sysconfig/kdump':
      'KDUMP_SAVEDIR="ftp://backup:hunter2@vault.ops.example.org/crash"\nKDUMP_SMTP_PASSWORD="hunter2 hunter2"\n' +
      'KDUMP_COMMANDLINE_APPEND="irqpoll nr_cpus=1 reset_devices"\nKDUMP_SMTP_SERVER="192.168.0.9"\n#SSH="x@192.168.0.8"\nNFS="vault.ops.example.org:/dumps"\n',
    'etc/default/grub':
      '# by margaret\nGRUB_CMDLINE_LINUX="crashkernel=512M console=ttyS0"\nGRUB_DISABLE_OS_PROBER=true\n',
    'etc/default/grub.d/kdump.cfg':
      'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=512M"\n',
    'etc/default/grub.d/README': 'not read\n',
    'etc/modprobe.d/lab.conf': '# 52:54:00:ab:cd:ef\nblacklist nouveau\noptions kvm nested=1\n',
    'sys/firmware/acpi/tables/DMAR': new Uint8Array(48).map((_, index) => index),
    'sys/class/iommu/dmar0': { link: '../../devices/virtual/iommu/dmar0' },
    'sys/devices/virtual/iommu/dmar0/intel-iommu/cap': 'd2008c40660462\n',
    'sys/devices/virtual/iommu/dmar0/intel-iommu/ecap': 'f050da\n',
    'sys/devices/virtual/iommu/dmar0/devices/0000:01:00.0': {
      link: '../../../../pci0000:00/0000:00:1c.0/0000:01:00.0',
    },
    'sys/kernel/iommu_groups/0/type': 'DMA-FQ\n',
    'sys/kernel/iommu_groups/0/reserved_regions': '0x00000000fee00000 0x00000000feefffff msi\n',
    'sys/kernel/iommu_groups/12/type': 'identity\n',
    'sys/bus/pci/devices/0000:01:00.0': { link: '../../../devices/pci0000:00/0000:00:1c.0/0000:01:00.0' },
    'sys/bus/pci/devices/10000:e1:00.0': { link: '../../../devices/pci0000:00/vmd/10000:e1:00.0' },
    'sys/bus/pci/devices/not-a-function': 'x',
    'sys/bus/pci/drivers/mlx5_core/bind': '',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/config': networkCard(),
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/vendor': '0x15b3\n',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/class': '0x020000\n',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/vpd': 'S4EVNX0M',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/rom': 'x',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/resource0': 'x',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/resource':
      '0x00000000c0000000 0x00000000c1ffffff 0x0000000000140204\n' +
      '0x0000000000000000 0x0000000000000000 0x0000000000000000\n',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/reset_method': 'flr bus\n',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/driver': {
      link: '../../../../bus/pci/drivers/mlx5_core',
    },
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/iommu_group': {
      link: '../../../../kernel/iommu_groups/12',
    },
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/msi_irqs/128': 'msix\n',
    'sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/msi_irqs/31': 'msix\n',
    'sys/devices/pci0000:00/vmd/10000:e1:00.0/config': new Uint8Array(64).fill(0xff),
    'var/log/dmesg': bootLog,
    ...dumpPath(),
  };
}

const disk = 'devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda';
const card = 'devices/pci0000:00/0000:00:1c.0/0000:01:00.0/net';

/** A dump over a bond, whose file system would be in a volume on an encrypted partition: what leads to both. */
function dumpPath(): Record<string, TreeEntry> {
  return {
    'proc/self/mountinfo': [
      '22 27 0:21 / /proc rw,relatime - proc proc rw',
      '27 1 253:0 / / rw,relatime shared:1 - xfs /dev/mapper/vg_vega7-root rw,attr2',
      `28 27 8:1 /export/x ${home}/margaret rw master:2 - ext4 /dev/sda1 rw`,
      '29 27 0:44 / /var/crash rw - nfs4 vault.ops.example.org:/dumps rw,addr=10.20.30.50',
      '30 27 0:45 / /mnt/share rw - cifs //vault.ops.example.org/share rw,username=margaret',
      '31 27 8:17 / /run/media/margaret/STICK rw - vfat /dev/sdb1 rw',
      '32 27 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro',
      '33 27 0:46 / /var/lib/docker/overlay2/x rw - overlay overlay rw',
      'damaged - line',
      '',
    ].join('\n'),
    'etc/fstab': [
      "# /dev/sdz /x ext4 margaret's",
      'UUID=6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10\t/\txfs\tdefaults 0 0',
      'UUID=0A1B-2C3D /boot/efi vfat umask=0077 0 2',
      'LABEL="ROOT-VEGA" /srv ext4 defaults,user=margaret 0 0',
      `vault.ops.example.org:/dumps /var/crash nfs4 credentials=${home}/margaret/x 0 0`,
      '/dev/disk/by-id/ata-MADE_UP_S4EVNX0M123456-part1 /old ext4 x 0 0',
      'tmpfs /tmp tmpfs defaults 0 0',
      'short line',
    ].join('\n'),
    'sys/class/block/sda': { link: `../../${disk}` },
    'sys/class/block/sda1': { link: `../../${disk}/sda1` },
    'sys/class/block/dm-0': { link: '../../devices/virtual/block/dm-0' },
    'sys/class/block/dm-1': { link: '../../devices/virtual/block/dm-1' },
    'sys/class/block/dm-2': { link: '../../devices/virtual/block/dm-2' },
    'sys/class/block/md127': { link: '../../devices/virtual/block/md127' },
    'sys/class/block/loop0': { link: '../../devices/virtual/block/loop0' },
    [`sys/${disk}/dev`]: '8:0\n',
    [`sys/${disk}/sda1/dev`]: '8:1\n',
    'sys/devices/virtual/block/loop0/dev': '7:0\n',
    'sys/devices/virtual/block/dm-0/dev': '253:0\n',
    'sys/devices/virtual/block/dm-0/dm/name': 'vg_vega7-root\n',
    'sys/devices/virtual/block/dm-0/dm/uuid': 'LVM-k3JXy8ROOT-VEGA\n',
    'sys/devices/virtual/block/dm-0/slaves/dm-1': { link: '../../dm-1' },
    'sys/devices/virtual/block/dm-1/dm/name': 'luks-6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10\n',
    'sys/devices/virtual/block/dm-1/dm/uuid': 'CRYPT-LUKS2-6a1e5c3e2f774a9a9b1e0d6c5f6d2a10-luks\n',
    'sys/devices/virtual/block/dm-1/slaves/sda1': { link: '../../../x' },
    'sys/devices/virtual/block/dm-2/dm/name': '3600508b1001c2a3b4c5d6e7f80912345\n',
    'sys/devices/virtual/block/md127/md/level': 'raid1\n',
    'sys/devices/virtual/block/md127/slaves/sda1': { link: '../../../x' },
    'dev/disk/by-uuid/6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10': { link: '../../dm-0' },
    'dev/disk/by-uuid/0A1B-2C3D': { link: '../../sda1' },
    'dev/disk/by-uuid/11111111-2222-3333-4444-555555555555': { link: '../../sdq' },
    'dev/disk/by-label/ROOT-VEGA': { link: '../../dm-0' },
    'dev/disk/by-id/ata-MADE_UP_S4EVNX0M123456-part1': { link: '../../sda1' },
    'dev/disk/by-id/ata-MADE_UP_S4EVNX0M123456-part2': { link: '../../sda2' },
    'sys/class/net/lo': { link: '../../devices/virtual/net/lo' },
    'sys/class/net/bonding_masters': 'bond0\n',
    'sys/class/net/bond0': { link: '../../devices/virtual/net/bond0' },
    'sys/class/net/enx525400abcdef': { link: `../../${card}/enx525400abcdef` },
    'sys/devices/virtual/net/lo/operstate': 'unknown\n',
    'sys/devices/virtual/net/bond0/operstate': 'up\n',
    'sys/devices/virtual/net/bond0/bonding/active_slave': 'enx525400abcdef\n',
    'sys/devices/virtual/net/bond0/lower_enx525400abcdef': { link: '../../x/net/enx525400abcdef' },
    [`sys/${card}/enx525400abcdef/operstate`]: 'up\n',
    [`sys/${card}/enx525400abcdef/address`]: '52:54:00:ab:cd:ef\n',
    'proc/net/ipv6_route':
      `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fd00000100020000000000000000dead 00000400 00000001 00000000 00000003 enx525400abcdef\n` +
      `fd000001000200000000000000000000 40 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001    bond0\n` +
      `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`,
    'proc/net/route':
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT      \n' +
      'bond0\t00000000\t011E140A\t0003\t0\t0\t100\t00000000\t0\t0\t0     \n' +
      'bond0\t001E140A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0     \n' +
      'enx525400abcdef\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0    \n' +
      'damaged\t0\n',
  };
}

const bootLog: string = `[    0.000000] Linux version 6.1.0-55-amd64 (builder@vega7.ops.example.org)
[    0.000000] DMAR: DRHD base: 0x000000fed90000 flags: 0x1
[    0.100000] pci 0000:00:1f.2: [8086:2829] type 00 class 0x010601
[    1.000000] mlx5_core 0000:01:00.0 eth0: 52:54:00:AB:CD:EF, firmware version: 14.32.10.10
[    1.100000] usb 1-1: SerialNumber: S4EVNX0M123456
[    1.200000] scsi 0:0:0:0: wwn-0x5000c500a1b2c3d4
[    1.300000] DMAR: [DMA Read] Request device [04:00.0] fault addr ca6d5000 [fault reason 06] PTE Read access is not set
[    2.000000] systemd[1]: Hostname set to <vega7>.
[    2.100000] audit: type=1400 audit(1.2:3): apparmor="STATUS" pid=1
[    3.000000] IN=eth0 OUT= MAC=52:54:00:ab:cd:ef SRC=10.20.30.40 DST=10.20.30.1
[    4.000000] enx525400abcdef: renamed from eth0 on vega7
[    5.000000] nvme nvme0: nqn.2014-08.org.nvmexpress:uuid:6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10
[    6.000000] NFS: mount of vault.ops.example.org:/dumps, user ${home}/margaret/x, mail margaret@ops.example.org
`;

/** Config space of 4,096 bytes with VPD at 48h, its data register read last, and a Device Serial Number at 100h. */
export function networkCard(): Uint8Array {
  const config = new Uint8Array(4096);
  const put = (offset: number, ...bytes: number[]): void => config.set(bytes, offset);
  put(0x00, 0xb3, 0x15, 0x17, 0x10);
  put(0x06, 0x10);
  put(0x34, 0x40);
  put(0x40, 0x01, 0x48);
  put(0x48, 0x03, 0x00, 0x10, 0x80, 0x53, 0x34, 0x45, 0x56);
  put(0x100, 0x03, 0x00, 0x01, 0x14, 0x33, 0x22, 0x11, 0xfe, 0xff, 0x34, 0x83, 0x7c);
  put(0x140, 0x0d, 0x00, 0x01, 0x00);
  return config;
}
