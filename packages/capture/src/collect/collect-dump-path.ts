import { keptMount, keptMountEntry } from './kept-mounts.ts';
import { keptRoute, keptRouteOfSix, serverAddresses } from './kept-routes.ts';
import type { MachineReader } from './machine-reader.ts';
import {
  blockAttributes,
  deviceNameFolders,
  interfaceAttributes,
  kdumpFiles,
  namingFiles,
} from './what-is-read.ts';

/** Hosts of containers have thousands of mounts, whose options are long; few of them are kept. */
const mountBytes = 16 * 1024 * 1024;

/** Devices that hold no dump: of files, of memory, floppies and optical disks. */
const noDisk = /^(loop|ram|zram|fd|sr)[0-9]/;

/**
 * What leads from kdump's destination to a function: mounts, block devices and what they are made of, those of their other
 * names that are spoken of, network interfaces, and the routes that a dump can take.
 */
export function collectDumpPath(reader: MachineReader): void {
  reader.takeText('proc/self/mountinfo', { change: keptMount, limit: mountBytes });
  reader.takeText('etc/fstab', { change: keptMountEntry });
  for (const name of reader.names('sys/class/block')) if (!noDisk.test(name)) takeBlockDevice(reader, name);
  takeDeviceNames(reader);
  for (const name of reader.names('sys/class/net')) takeInterface(reader, name);
  const configuration = textOf(reader, kdumpFiles);
  const servers = serverAddresses(configuration, reader.peek('etc/hosts') ?? '');
  reader.takeText('proc/net/route', { change: (line) => keptRoute(line, servers), limit: mountBytes });
  reader.takeText('proc/net/ipv6_route', { optional: true, change: keptRouteOfSix, limit: mountBytes });
}

function takeBlockDevice(reader: MachineReader, name: string): void {
  const path = `sys/class/block/${name}`;
  reader.takeLink(path);
  for (const attribute of blockAttributes) {
    // `LVM-…`, `CRYPT-LUKS2-…`: what follows the first word names the device.
    const change = attribute === 'dm/uuid' ? (line: string) => line.replace(/-.*/, '') : undefined;
    reader.takeText(`${path}/${attribute}`, { optional: true, ...(change === undefined ? {} : { change }) });
  }
  reader.takeNames(`${path}/slaves`, { unlessEmpty: true });
}

/** Of the names that udev gives to devices, those that kdump's configuration or a mount speaks of. */
function takeDeviceNames(reader: MachineReader): void {
  const wanted = textOf(reader, namingFiles);
  for (const folder of deviceNameFolders) {
    for (const name of reader.namesIn(folder)) {
      if (wanted.includes(name)) reader.takeLink(`${folder}/${name}`);
    }
  }
}

/** An interface that is of no hardware and has none below it can carry no dump. */
function takeInterface(reader: MachineReader, name: string): void {
  const path = `sys/class/net/${name}`;
  const lowers = reader.namesIn(path).filter((one) => one.startsWith('lower_'));
  const link = reader.linkAt(path);
  if (link === undefined || (lowers.length === 0 && link.includes('/virtual/'))) return;
  reader.takeLink(path);
  for (const attribute of interfaceAttributes) reader.takeText(`${path}/${attribute}`, { optional: true });
  for (const lower of lowers) reader.takeLink(`${path}/${lower}`);
}

function textOf(reader: MachineReader, paths: readonly string[]): string {
  return paths.map((path) => reader.peek(path) ?? '').join('\n');
}
