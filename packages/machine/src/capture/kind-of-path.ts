import type { SourceKind } from './imported-capture.ts';
import { lastComponent } from './machine-path.ts';

/** Settings that are listed and that nothing is made of. */
const settings =
  /^(?:etc\/os-release|etc\/default\/grub|etc\/default\/grub\.d\/[^/]+|etc\/modprobe\.d\/[^/]+|proc\/sys\/kernel\/\w+|proc\/cpuinfo)$/;

const byPath: Readonly<Record<string, SourceKind>> = {
  'proc/iomem': 'iomem',
  'proc/cmdline': 'command-line',
  'proc/version': 'kernel-version',
  'proc/sys/kernel/osrelease': 'kernel-version',
  'etc/kdump.conf': 'kdump-configuration',
  'etc/sysconfig/kdump': 'kdump-configuration',
  'etc/default/kdump-tools': 'kdump-configuration',
  'etc/conf.d/kdump': 'kdump-configuration',
  'etc/fstab': 'mounts',
  'etc/mtab': 'mounts',
  'proc/mounts': 'mounts',
  'proc/self/mounts': 'mounts',
  'proc/self/mountinfo': 'mounts',
  'proc/net/route': 'network-routes',
  'proc/net/ipv6_route': 'network-routes',
  'var/log/dmesg': 'boot-log',
  'var/log/kern.log': 'boot-log',
  'var/log/messages': 'boot-log',
  'var/log/syslog': 'boot-log',
  'var/log/boot.log': 'boot-log',
};

/** The config space of a function, as sos reports have it: `proc/bus/pci/00/1f.2`, `proc/bus/pci/0001:00/00.0`. */
const procConfig = /^proc\/bus\/pci\/(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}\/[01][0-9a-f]\.[0-7]$/;

/**
 * What the path of a file on its machine says that it is; undefined if the path says nothing, and the content decides.
 * @param path as of machinePath, e.g. `proc/iomem`
 */
export function kindOfPath(path: string): SourceKind | undefined {
  const known = Object.hasOwn(byPath, path) ? byPath[path] : undefined;
  if (known !== undefined) return known;
  if (path.startsWith('sys/firmware/acpi/tables/')) return 'acpi-table';
  if (path.startsWith('sys/') || path.startsWith('dev/') || procConfig.test(path)) return 'sysfs';
  if (path.startsWith('proc/net/bonding/')) return 'network-interfaces';
  if (settings.test(path)) return 'host-setting';
  if (path.startsWith('sos_commands/')) return kindOfCommand(lastComponent(path).replaceAll('_', ' '));
  return undefined;
}

/**
 * What a command prints: `lspci -nnvv`, `/usr/bin/lspci -nntv`, `dmesg`. Undefined for one that is of no use here.
 */
export function kindOfCommand(command: string): SourceKind | undefined {
  const words = command.trim().split(/\s+/, 20);
  if (words[0] === 'sudo') words.shift();
  const name = lastComponent(words[0] ?? '').replace(/:$/, '');
  const options = words.slice(1).map((word) => word.replace(/:$/, ''));
  if (name === 'cat' && options.length === 1) return kindOfPath((options[0] as string).replace(/^\/+/, ''));
  if (name === 'dmesg' || name === 'journalctl') return 'boot-log';
  if (name === 'acpidump') return 'acpi-text';
  if (name === 'uname') return 'kernel-version';
  if (name === 'blkid' || name === 'lsblk') return 'block-devices';
  if (name === 'ls') return 'link-listing';
  if (name === 'ethtool') return options.includes('-i') ? 'network-interfaces' : undefined;
  if (
    name === 'ip' &&
    /^(?:l|li|link|a|addr|address)$/.test(options.find((one) => !one.startsWith('-')) ?? '')
  ) {
    return 'network-interfaces';
  }
  if (name === 'mount') return 'mounts';
  if (name === 'route' || (name === 'ip' && options.includes('route'))) return 'network-routes';
  if (name !== 'lspci') return undefined;
  const letters = options.filter((one) => /^-[a-zA-Z]+$/.test(one)).join('');
  if (letters.includes('t')) return 'lspci-tree';
  return letters.includes('m') ? 'lspci-machine-readable' : 'lspci';
}
