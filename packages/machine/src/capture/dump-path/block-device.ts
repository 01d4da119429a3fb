import type { Stated } from '../host-facts.ts';

/** A disk, a partition, or a device made of others, as `/sys` or `lsblk` shows it. */
export interface BlockDevice {
  /** `sda1`, `dm-0`, `nvme0n1p2`; of `lsblk`, which has no other, the name of a mapped device. */
  readonly name: string;
  /** Its folder below `/sys`, `devices/pci0000:00/0000:00:1f.2/…/block/sda`, or the row of `lsblk`. */
  readonly found: Stated<string>;
  /** Nearest PCI function above it in that folder. */
  readonly function?: string;
  /** Major and minor number, `8:1`. */
  readonly number?: string;
  /** What device mapper calls it, `rhel-root`. */
  readonly mapped?: Stated<string>;
  /**
   * How it is made of others: `LVM`, `CRYPT`, `mpath` and other first words of device mapper's UUIDs, levels of md such as
   * `raid1`, types of `lsblk`, `nvme` for a namespace with several paths.
   */
  readonly layer?: Stated<string>;
  /** The device that it is a partition of. */
  readonly partitionOf?: Stated<string>;
  /** Devices that it is made of. */
  readonly over: readonly Stated<string>[];
}

/** Another name of a block device, `/dev/disk/by-uuid/…`, and the name that the kernel has for it. */
export interface DeviceName {
  readonly name: string;
  readonly device: Stated<string>;
}

/** A file system, where it is mounted, and what it is on. */
export interface Mount {
  /** `/dev/sda1`, `server:/export`, `UUID=…`. */
  readonly source: Stated<string>;
  readonly point: string;
  /** `xfs`, `nfs4`; empty where no source says it. */
  readonly type: string;
  /** Major and minor number of the file system, by which a device is known that has no name there. */
  readonly number?: string;
  /** True for a line of `/etc/fstab`: it says what is to be mounted, not what is. */
  readonly configured: boolean;
}
