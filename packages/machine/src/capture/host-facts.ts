import type { BlockDevice, DeviceName, Mount } from './dump-path/block-device.ts';
import type { NetworkInterface, NetworkRoute } from './dump-path/network-interface.ts';

/** Something that a capture says, and where it says it. */
export interface Stated<Value> {
  readonly value: Value;
  readonly file: string;
  /** Counted from 1; left out where the whole file says it. */
  readonly line?: number;
}

/**
 * What remaps DMA on a machine: `intel-vt-d`, `amd-vi`, `smmu` (Arm), `power` (TCE tables), or `none`; `unknown` where no
 * source says anything about it.
 */
export type RemappingPlatform = 'intel-vt-d' | 'amd-vi' | 'smmu' | 'power' | 'none' | 'unknown';

/** What captures say of the system that ran on a machine. Everything may be missing. */
export interface HostFacts {
  readonly platform: Stated<RemappingPlatform>;
  /** Maker and product as firmware names them: `/sys/class/dmi/id`. */
  readonly model?: Stated<string>;
  /** `6.1.0-55-amd64` */
  readonly kernelRelease?: Stated<string>;
  /** The version of kernel.org that it is built on, where its banner says so: `6.1.192`. */
  readonly kernelVersion?: Stated<string>;
  /** `/proc/cmdline`, or the line of a boot log. */
  readonly commandLine?: Stated<string>;
  /** Command line that kdump's configuration gives to the crash kernel, as far as the configuration says it. */
  readonly crashCommandLine?: Stated<string>;
  /** `/sys/kernel/kexec_crash_loaded`. */
  readonly crashKernelLoaded?: Stated<boolean>;
  /** Bytes reserved for the crash kernel, `/sys/kernel/kexec_crash_size` or `/proc/iomem`. */
  readonly crashKernelBytes?: Stated<number>;
  /** Where the dump goes: a path, a device or a host, as kdump's configuration says it. */
  readonly dumpDestination?: Stated<string>;
  /** Drivers that kdump's configuration keeps out of the crash kernel's initial file system. */
  readonly omittedDrivers?: readonly Stated<string>[];
  /** Disks, partitions and what is made of them. */
  readonly blockDevices?: readonly BlockDevice[];
  /** Other names of theirs. */
  readonly deviceNames?: readonly DeviceName[];
  /** File systems, as they are mounted and as `/etc/fstab` has them. */
  readonly mounts?: readonly Mount[];
  readonly networkInterfaces?: readonly NetworkInterface[];
  readonly networkRoutes?: readonly NetworkRoute[];
  /** Driver bound to a function, by its name `0000:01:00.0`. */
  readonly drivers: Readonly<Record<string, Stated<string>>>;
  /** The display that firmware started with: `boot_vga` of `/sys`, or the line of a boot log. */
  readonly bootDisplay?: Stated<string>;
  /** How the kernel would reset a function, e.g. `flr bus`: `reset_method` of `/sys`; empty if it knows no way. */
  readonly resetMethods?: Readonly<Record<string, Stated<string>>>;
  /** IOMMU group of a function. */
  readonly iommuGroups: Readonly<Record<string, Stated<number>>>;
  /** Lines that the kernel printed of its remapping units, interrupt remapping and their mode. */
  readonly remappingLines: readonly Stated<string>[];
}
