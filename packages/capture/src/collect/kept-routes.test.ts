import { describe, expect, it } from 'vitest';
import { keptMount, keptMountEntry } from './kept-mounts.ts';
import { keptRoute, keptRouteOfSix, serverAddresses } from './kept-routes.ts';

const route = (name: string, to: string, mask: string): string =>
  `${name}\t${to}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0`;

describe('of routes', () => {
  it('those are kept that lead to a destination of kdump’s, by its address or its name', () => {
    const servers = serverAddresses(
      '#nfs 192.168.1.1:/x\nKDUMP_SMTP_SERVER="192.168.2.2"\nnfs 10.0.0.7:/x\nssh root@vault\nnet 999.1.1.1:/x\n',
      '172.16.5.5 vault # it\n192.168.3.3 other\n',
    );
    expect(servers).toEqual([
      [10, 0, 0, 7],
      [172, 16, 5, 5],
    ]);
    const kept = (to: string, mask: string) => keptRoute(route('eth0', to, mask), servers) !== undefined;
    expect(kept('00000000', '00000000')).toBe(true);
    expect(kept('0000000A', '00FFFFFF')).toBe(true);
    expect(kept('000010AC', '0000F0FF')).toBe(true);
    expect(kept('0000000A', 'FCFFFFFF')).toBe(false);
    expect(kept('0001A8C0', '00FFFFFF')).toBe(false);
    expect(keptRoute('Iface\tDestination', servers)).toBeUndefined();
  });

  it('of IPv6 the default ones are kept that lead somewhere', () => {
    const zeros = '0'.repeat(32);
    const six = (length: string, name: string) =>
      `${zeros} ${length} ${zeros} 00 ${zeros} 00000400 1 0 00000003  ${name}`;
    expect(keptRouteOfSix(six('00', 'eth0'))).toBe(six('00', 'eth0').replace('  ', ' '));
    expect(keptRouteOfSix(six('40', 'eth0'))).toBeUndefined();
    expect(keptRouteOfSix(six('00', 'lo'))).toBeUndefined();
  });
});

describe('of mounts', () => {
  it.each([
    ['27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,x=y', '27 1 254:0 / / rw - ext4 /dev/vda'],
    ['28 1 0:9 /@home/x /home ro - btrfs /dev/sda2 ro', '28 1 0:9 /* /home ro - btrfs /dev/sda2'],
    ['29 1 0:40 / / rw - overlay overlay rw', '29 1 0:40 / / rw - overlay overlay'],
    ['30 1 0:41 / /srv rw - nfs4 vault:/x rw,addr=10.0.0.1', '30 1 0:41 / /srv rw - nfs4 vault:/x'],
  ])('%s is kept without its options', (line, kept) => expect(keptMount(line)).toBe(kept));

  it.each([
    '31 1 7:0 / /snap/x ro - squashfs /dev/loop3 ro',
    '32 1 8:1 / /run/media/somebody/x rw - vfat /dev/sdb1 rw',
    '33 1 8:1 / /var/lib/kubelet/pods/x rw - ext4 /dev/sdb1 rw',
    '34 1 0:5 / /proc rw - proc proc rw',
    'no mount at all',
    '',
  ])('%s is not', (line) => expect(keptMount(line)).toBeUndefined());

  it('those to be mounted are kept as device, point and type', () => {
    expect(keptMountEntry('UUID=a\t/ xfs defaults,x 0 0')).toBe('UUID=a / xfs');
    expect(keptMountEntry('//a/b /mnt cifs username=x 0 0')).toBe('//a/b /mnt cifs');
    for (const line of ['# x /y z', 'tmpfs /tmp tmpfs x', 'UUID=a none swap sw', '/dev/sda1'])
      expect(keptMountEntry(line)).toBeUndefined();
  });
});
