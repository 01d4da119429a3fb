import fc from 'fast-check';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
const pairs = (count: number, separator: string) =>
  fc.array(hex(2), { minLength: count, maxLength: count }).map((all) => all.join(separator));
const word = fc.stringMatching(/^[a-z][a-z0-9]{4,11}$/);
const uuid = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((all) => all.join('-'));
const quad = fc
  .tuple(fc.integer({ min: 1, max: 126 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((all) => all.join('.'));

/** A secret, and a line in which it stands. */
export const planted: fc.Arbitrary<{ secret: string; line: string }> = fc.oneof(
  ...[
    [uuid, 'root=UUID=%'],
    [uuid, 'rd.luks.uuid=luks-% ro'],
    [uuid, 'EXT4-fs (sda1): mounted filesystem % with ordered data mode'],
    [uuid, 'option root=/dev/disk/by-uuid/%,ro'],
    [hex(32), 'systemd.machine_id=%'],
    [fc.tuple(hex(8), hex(8), hex(8), hex(8)).map((all) => all.join(':')), 'rd.md.uuid=% quiet'],
    [hex(8).map((one) => `${one}-02`), 'root=PARTUUID=% ro'],
    [pairs(6, ':'), 'igb 0000:01:00.0: (PCIe:2.5Gb/s:Width x4) %'],
    [pairs(6, ':'), 'mac:%: link is up'],
    [pairs(6, '-'), 'BOOTIF=01-% rd.neednet=1'],
    [pairs(8, '-'), 'Capabilities: [140 v1] Device Serial Number %'],
    [pairs(20, ':'), 'ib0: GID %'],
    [hex(12), 'renamed enx% to eth0'],
    [hex(16), 'scsi 0:0:0:0: wwn-0x%'],
    [hex(16), 'lpfc: WWPN 0x%, port 0'],
    [hex(32), 'by nguid.% attached'],
    [word, 'root=LABEL=% ro'],
    [word, 'root=/dev/disk/by-id/ata-%_x-part1'],
    [word, 'ext4 LABEL="% of mine"'],
    [word, '/dev/disk/by-partlabel/% ../../sda1'],
    [fc.tuple(hex(4), hex(4)).map((all) => all.join('-')), '/dev/disk/by-uuid/%'],
    [fc.tuple(hex(4), hex(4)).map((all) => all.join('-')), 'UUID="%" /boot vfat'],
    [hex(32), 'device-mapper: 3% is a map of multipath'],
    [hex(16), '/dev/mapper/3%-part1 was mounted'],
    [hex(16), 'pci-0000:03:00.0-sas-0x%-lun-0'],
    [word, 'CIFS: //%/share was mounted'],
    [quad, 'pci-0000:03:00.0-ip-%:3260-iscsi'],
    [word, 'iscsi iqn.2001-04.%:storage'],
    [word, 'KDUMP_SMTP_PASSWORD="% and more"'],
    [word, 'passwd=%'],
    [word, 'KDUMP_SAVEDIR="sftp://x:y@%.example/crash"'],
    [word, 'ssh %@10.0.0.7'],
    [word, 'ssh root@%.example'],
    [word, 'nfs %.example:/export'],
    [word, 'NFS="%:/export"'],
    [word, 'KDUMP_SMTP_SERVER="%"'],
    [word, 'ip=10.0.0.5::10.0.0.1:255.255.255.0:%:eth0:off'],
    [word, 'sshkey /home/%/.ssh/id'],
    [word, 'Nov 21 10:00:00 % kernel: DMAR: DRHD: handling fault status reg 2'],
    [word.map((one) => `${one}7`), 'usb 1-1: SerialNumber: %'],
    [word.map((one) => `7${one}`), '[SN] Serial number: %'],
    [quad, 'netconsole=6665@%/eth0,6666@10.0.0.2/'],
    [quad, 'path /var/crash/%-2026-11-21-10:00'],
    [quad, 'reached %.'],
    [fc.tuple(hex(4), hex(3), hex(2)).map(([a, b, c]) => `${a}:${b}::${c}`), 'server [%]:2049'],
    [fc.array(hex(4), { minLength: 8, maxLength: 8 }).map((all) => all.join(':')), 'addr %, up'],
  ].map(([secret, line]) =>
    (secret as fc.Arbitrary<string>).map((one) => ({
      secret: one,
      line: (line as string).replace('%', () => one),
    })),
  ),
);
