/** `*` stands for one component of a path, `**` for any number of them, `pci*` for what begins so. */
const relevant: readonly string[] = [
  ...[
    ...['config', 'vendor', 'device', 'class', 'revision', 'subsystem_vendor', 'subsystem_device'],
    ...['resource', 'boot_vga', 'sriov_numvfs', 'sriov_totalvfs', 'reset_method', 'numa_node', 'irq'],
    ...['power_state', 'enable', 'ari_enabled', 'msi_bus', 'driver', 'iommu_group', 'iommu', 'physfn'],
    ...['msi_irqs', 'uevent', 'modalias'],
  ].flatMap((name) => [
    `sys/bus/pci/devices/*/${name}`,
    `sys/devices/pci*/**/${name}`,
    `sys/devices/platform/**/${name}`,
  ]),
  'sys/bus/pci/devices/*',
  'sys/bus/pci/devices/*/msi_irqs/*',
  'sys/firmware/acpi/tables/*',
  'sys/kernel/iommu_groups/**',
  'sys/class/iommu/**',
  'sys/class/dmi/id/*',
  'sys/devices/virtual/dmi/id/*',
  'sys/devices/virtual/iommu/**',
  'sys/devices/system/cpu/*',
  'proc/bus/pci/**',
  'sys/kernel/kexec*',
  ...['iomem', 'cmdline', 'version', 'cpuinfo', 'interrupts', 'modules', 'sys/kernel/*'].map(
    (name) => `proc/${name}`,
  ),
  'etc/kdump.conf',
  'etc/kdump/**',
  'etc/os-release',
  'etc/sysconfig/kdump',
  'etc/conf.d/kdump',
  'etc/default/grub*',
  'etc/default/grub.d/*',
  'etc/default/kdump-tools',
  'etc/modprobe.d/*',
  'boot/grub2/grubenv',
  'boot/loader/entries/*',
  ...['dmesg', 'kern.log', 'messages', 'syslog', 'boot.log'].map((name) => `var/log/${name}*`),
  'var/crash/**',
  ...['block/*', 'class/block/*', 'class/net/*'].map((name) => `sys/${name}`),
  ...[
    'dev',
    'dm/name',
    'dm/uuid',
    'md/level',
    'slaves/*',
    'operstate',
    'lower_*',
    'bonding/active_slave',
  ].flatMap((name) => [
    `sys/devices/pci*/**/${name}`,
    `sys/devices/virtual/*/**/${name}`,
    `sys/class/*/*/${name}`,
  ]),
  'dev/disk/**',
  'dev/md/*',
  ...['mounts', 'self/mounts', 'self/mountinfo', 'net/route', 'net/ipv6_route', 'net/bonding/*'].map(
    (name) => `proc/${name}`,
  ),
  'etc/fstab',
  'etc/mtab',
  'sos_commands/block/*',
  'sos_commands/filesys/mount*',
  ...['ethtool_-i_*', 'ip_*', 'route*'].map((name) => `sos_commands/networking/${name}`),
  'sos_commands/pci/*',
  'sos_commands/kernel/*',
  'sos_commands/hardware/*',
  'sos_commands/boot/*',
  'sos_commands/logs/*',
  'sos_commands/kdump/*',
];

/** Files of the patterns above that are of no use, are secret, or are hazardous to read on a live machine. */
const never: readonly RegExp[] = [
  /^sys\/.*\/(vpd|rom|resource\d+(_wc)?|remove|rescan|reset)$/,
  /^sys\/class\/dmi\/id\/.*(serial|uuid|asset_tag)$/,
  /^sys\/devices\/virtual\/dmi\/id\/.*(serial|uuid|asset_tag)$/,
  /^var\/crash\/.*(vmcore|vmcore-incomplete|\.flat|\.kdump)$/,
];

const patterns = relevant.map((pattern) => pattern.split('/'));
const tops: ReadonlySet<string> = new Set(['sys', 'proc', 'etc', 'var', 'boot', 'sos_commands']);
/** What holds no capture, below whatever name. */
const irrelevantName =
  /\.(png|jpe?g|gif|svg|ico|html?|css|js|map|rpm|deb|ko|so|db|sqlite|pcapng?|mp4|pdf|exe|dll|iso|qcow2|img|vmcore|core|pyc|class|jar|ttf|woff2?)(\.(gz|xz|zst|bz2))?$/i;

/**
 * Whether a file can say something about a machine. Below a folder of a machine (`sys`, `proc`, `etc`, `var`, `boot`, or
 * `sos_commands` of a sos report), which may stand in folders of a report, these are known ones; anywhere else every file
 * that is not of a kind that never does.
 * @param path components, the folder that was named first
 */
export function isRelevant(path: readonly string[]): boolean {
  const own = belowTop(path);
  if (own === undefined) return !irrelevantName.test(path.at(-1) ?? '');
  const text = own.join('/');
  return !never.some((one) => one.test(text)) && patterns.some((one) => matches(one, own, 0, 0, false));
}

/** Whether a path stands below a folder of a machine, where symbolic links are facts and names are known. */
export function isOfMachine(path: readonly string[]): boolean {
  return belowTop(path) !== undefined;
}

/** Whether a folder can hold files that {@link isRelevant} keeps. */
export function mayHoldRelevant(path: readonly string[]): boolean {
  const own = belowTop(path);
  if (own === undefined) return !['.git', 'node_modules'].includes(path.at(-1) ?? '');
  return patterns.some((one) => matches(one, own, 0, 0, true));
}

function belowTop(path: readonly string[]): readonly string[] | undefined {
  const top = path.findIndex(
    (part, index) => tops.has(part) || (part === 'dev' && /^(?:disk|md)$/.test(path[index + 1] ?? '')),
  );
  return top < 0 ? undefined : path.slice(top);
}

/** @param prefix whether it is enough that the pattern could match something below the path */
function matches(
  pattern: readonly string[],
  path: readonly string[],
  patternAt: number,
  pathAt: number,
  prefix: boolean,
): boolean {
  if (pathAt === path.length) return prefix ? patternAt < pattern.length : patternAt === pattern.length;
  const part = pattern[patternAt];
  if (part === undefined) return false;
  if (part === '**') {
    if (prefix) return true;
    for (let rest = pathAt + (patternAt === pattern.length - 1 ? 1 : 0); rest <= path.length; rest++) {
      if (matches(pattern, path, patternAt + 1, rest, false)) return true;
    }
    return false;
  }
  const fits = part.endsWith('*') ? path[pathAt]?.startsWith(part.slice(0, -1)) : part === path[pathAt];
  return fits === true && matches(pattern, path, patternAt + 1, pathAt + 1, prefix);
}
