import type { ImportNote, Machine } from '../description/machine.ts';
import type { HostFacts } from './host-facts.ts';

/** What a file, or a section of one, was taken for. */
export type SourceKind =
  | 'lspci'
  | 'lspci-tree'
  | 'lspci-machine-readable'
  | 'sysfs'
  | 'acpi-text'
  | 'acpi-table'
  | 'iasl'
  | 'iomem'
  | 'boot-log'
  | 'command-line'
  /** `/proc/version`, `uname -a`. */
  | 'kernel-version'
  | 'kdump-configuration'
  /** `/proc/self/mountinfo`, `/proc/mounts`, `/etc/fstab`, `mount`. */
  | 'mounts'
  /** `/proc/net/route`, `ip route`, `route -n`. */
  | 'network-routes'
  /** `lsblk`, `blkid`. */
  | 'block-devices'
  /** `ip link`, `ethtool -i`, `/proc/net/bonding`. */
  | 'network-interfaces'
  /** `ls -l` of folders with links to devices. */
  | 'link-listing'
  /** A setting of the system that no importer uses: a sysctl, a module's configuration. */
  | 'host-setting'
  | 'capture-bundle'
  | 'sos-report'
  | 'nvidia-bug-report'
  | 'unknown';

/** A file, or a section of one, and what came of it. */
export interface CaptureSource {
  readonly file: string;
  /** First line of the section in its file, from 1. */
  readonly line?: number;
  readonly kind: SourceKind;
  /** `18 functions`, `DMAR with 2 units`, … */
  readonly gave: string;
}

/** Sources that contradict each other. */
export interface CaptureConflict {
  /** JSON pointer into the machine, the name of a host fact, or an ACPI table that the machine is not made of. */
  readonly what: string;
  readonly said: readonly { readonly value: string; readonly file: string; readonly line?: number }[];
  /** The value that is used, and why. */
  readonly used: string;
  readonly reason: string;
}

/** A machine made of everything that somebody has of it. */
export interface ImportedCapture {
  /** Undefined if no source names a PCI function. */
  readonly machine?: Machine;
  readonly host: HostFacts;
  readonly sources: readonly CaptureSource[];
  readonly conflicts: readonly CaptureConflict[];
  /** What could not be used, with its place: the machine's notes are among them. */
  readonly notes: readonly ImportNote[];
}
