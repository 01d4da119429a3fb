import type { InterruptProfile } from '../interrupts/interrupt-profile.ts';
import type { AmdRemappingProfile } from './amd-remapping-profile.ts';
import type { KernelMessages } from './kernel-messages.ts';
import type { RemappingProfile } from './remapping-profile.ts';
import type { SmmuProfile } from './smmu-profile.ts';

/** Milliseconds that each phase takes without anybody's waits. */
export interface PhaseTimes {
  readonly crash: number;
  readonly purgatory: number;
  readonly setup_arch: number;
  readonly irq_remap_init: number;
  readonly early_initcalls: number;
  readonly pci_arch_init: number;
  readonly acpi_init: number;
  readonly fs_initcalls: number;
  readonly fs_sync_initcalls: number;
  readonly iommu_init: number;
  readonly device_initcalls: number;
  readonly late_initcalls: number;
  readonly init: number;
  readonly dump: number;
  readonly reboot: number;
}

/** The shape of the kernel's fault lines; names follow the kernels that introduced each. */
export type FaultLineShape = 'linux-2.6.29' | 'linux-3.5' | 'linux-4.2' | 'linux-4.8' | 'linux-5.15';

/** What a kernel does to its devices when it reboots (device_shutdown). */
export interface RebootProfile {
  /**
   * The port driver's shutdown clears Bus Master Enable of its port: from commit cc27b735ad3a (2018, Linux 4.18) to
   * commit 62b6dee1b44a (2023, Linux 6.3 and stable kernels of that spring).
   */
  readonly clearsPortBusMaster: boolean;
  /** Devices without a driver lose Bus Master Enable, too, before their ports (Song's RFC of 2019-12-26, not merged). */
  readonly clearsDeviceBusMaster: boolean;
}

/** A kernel or hypervisor: one row of data. Kernels differ in nothing else. */
export interface KernelProfile {
  readonly name: string;
  readonly description: string;
  readonly remapping: RemappingProfile;
  /** AMD's units; default: copies the device table if `remapping` copies, else rebuilds it. */
  readonly amd?: AmdRemappingProfile;
  /** What it does as the first kernel, if it can be one. */
  readonly first: {
    /** I/O virtual addresses from 4 GiB downwards, or those of a guest that owns the device. */
    readonly addresses: 'top-down-below-4g' | 'guest-physical';
    /** Whose memory a device reaches by default: what its driver maps, or all, as with `iommu=pt`; default `dma`. */
    readonly defaultDomain?: 'dma' | 'passthrough';
    /** The crash path switches translation and interrupt remapping off (Xen before 4.13). */
    readonly crashDisablesRemapping: boolean;
    /**
     * The crash path waits so long for DMA under way to end, milliseconds, if the second kernel runs in memory that it
     * could reach (CMA_DMA_TIMEOUT_SEC, Linux 6.17); default 0.
     */
    readonly waitsBeforeJumpMs?: number;
  };
  /** Its SMMUv3 driver, for machines that have such units; default: as from Linux 5.2 on. */
  readonly smmu?: SmmuProfile;
  /** Vectors, local APIC, INTx; default: as Linux 6 has them. */
  readonly interrupts?: InterruptProfile;
  /** Can boot as the second kernel. */
  readonly second: boolean;
  /** The profile that usually goes with it as the other kernel, if that is not itself. */
  readonly partner?: string;
  /** Drivers are modules of the initramfs (`init`) or built in (`device_initcalls`). */
  readonly driversLoadIn: 'device_initcalls' | 'init';
  /** How long /init waits before it loads modules, milliseconds; default 0. For `driversLoadIn: 'init'` alone. */
  readonly undrivenMs?: number;
  /** From the first module that /init loads to the first driver that attaches, milliseconds; default 0. */
  readonly moduleLoadMs?: number;
  /** Stops USB controllers at the final fixups, long before their drivers (quirk_usb_early_handoff). */
  readonly handsOffUsb: boolean;
  readonly reboot: RebootProfile;
  /**
   * Masks remapping faults in the core logic of chipsets that take them for platform errors, as enumeration comes across
   * them (vtd_mask_spec_errors of December 2010, Xen's vtd/quirks.c); default true.
   */
  readonly masksRemappingErrors?: boolean;
  /**
   * Takes virtual functions that it finds enabled over as devices, as where firmware names them to it (pseries), instead of
   * taking VF Enable away at enumeration (sriov_init); default false.
   */
  readonly keepsVirtualFunctions?: boolean;
  /** A PCI SERR that arrives as an NMI stops the kernel ("NMI: Not continuing"). */
  readonly panicsOnSystemError: boolean;
  readonly faultLines: FaultLineShape;
  /** What it prints besides. */
  readonly messages: KernelMessages;
  /** Banner in the log, e.g. `Linux version 3.10.0`. */
  readonly banner: string;
  readonly phaseMs: PhaseTimes;
  /** Source of each difference. */
  readonly sources: readonly string[];
}
