import type { ImportNote } from '../../description/machine.ts';
import type { LoggedBoot } from '../../import/boot-record.ts';
import type { SysfsFile } from '../../import/sysfs-file.ts';
import type { HostFacts } from '../host-facts.ts';
import type { FactText } from '../section-reader.ts';
import { blockDevicesOf } from './block-devices-of.ts';
import { deviceNamesOf } from './device-names-of.ts';
import { loggedNamespaces, takeLoggedInterfaces } from './logged-devices.ts';
import { devicesOfLsblk, withLsblk } from './lsblk-rows.ts';
import { mountsOf } from './mounts-of.ts';
import { InterfaceDrafts, takeSysfsInterfaces } from './network-interfaces-of.ts';
import { PassedOverLines } from './passed-over-lines.ts';
import { routesOf } from './routes-of.ts';
import { takeToldInterfaces } from './told-interfaces.ts';

/** The facts that lead from a destination of kdump's to a PCI function. */
export type DumpPathFacts = Pick<
  HostFacts,
  'blockDevices' | 'deviceNames' | 'mounts' | 'networkInterfaces' | 'networkRoutes'
>;

/** What a capture has of disks, file systems and networks; a kind of thing that it has nothing of is left out. */
export function dumpPathFacts(
  files: readonly SysfsFile[],
  facts: readonly FactText[],
  boot: LoggedBoot | undefined,
): { readonly facts: DumpPathFacts; readonly notes: readonly ImportNote[] } {
  const block = blockDevicesOf(files);
  const drafts = new InterfaceDrafts();
  takeSysfsInterfaces(files, drafts);
  takeToldInterfaces(facts, drafts);
  takeLoggedInterfaces(boot, drafts);
  const unread = ['a mount', 'a route', 'a row of lsblk'].map((what) => new PassedOverLines(what));
  const [mounts, routes, rows] = unread as [PassedOverLines, PassedOverLines, PassedOverLines];
  const listed = withLsblk(block.devices, devicesOfLsblk(facts, rows));
  const found = {
    blockDevices: [...listed, ...loggedNamespaces(boot, listed)],
    deviceNames: deviceNamesOf(files, facts),
    mounts: mountsOf(facts, mounts),
    networkInterfaces: drafts.all(),
    networkRoutes: routesOf(facts, routes),
  };
  const notes: ImportNote[] = [
    ...tooMany(block.refused, 'block devices'),
    ...tooMany(drafts.refused, 'network interfaces'),
    ...unread.flatMap((one) => one.notes()),
  ];
  const kept = Object.entries(found).filter(([, all]) => all.length > 0);
  return { facts: Object.fromEntries(kept), notes };
}

function tooMany(files: number, what: string): ImportNote[] {
  return files === 0
    ? []
    : [{ file: 'sys', message: `there are too many ${what}: ${files} files are not read` }];
}
