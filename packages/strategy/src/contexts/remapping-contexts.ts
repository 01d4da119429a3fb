import type { MmconfigAccess, Type1ConfigAccess } from '../services/config-access.ts';
import type { DeviceList, PciDevice } from '../services/pci-device.ts';
import type { OwnedMemory, PageAllocator } from '../services/physical-pages.ts';
import type { RemappingDriver, RemappingUnitHandle } from '../services/remapping-unit-handle.ts';
import type { PhaseContext } from './phase-context.ts';

/** Memory that firmware goes on using by DMA (RMRR), as the firmware's tables say; they are read before PCI is up. */
export interface ReservedMemoryRegion {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Requesters that may use it. */
  readonly requesterIds: readonly number[];
}

/**
 * In place of the interrupt remapping initialisation, before any initcall. PCI is not up: direct accesses only.
 * `kernel.initialise()` does what the kernel does by itself.
 */
export interface IrqRemapInitContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'irq_remap_init';
  readonly type1: Type1ConfigAccess;
  readonly pages: PageAllocator;
  readonly memory: OwnedMemory;
  readonly units: readonly RemappingUnitHandle[];
  readonly reservedRegions: readonly ReservedMemoryRegion[];
  readonly kernel: {
    initialise(): void;
    /** The same for one unit alone. */
    initialiseUnit(unit: RemappingUnitHandle): void;
    /**
     * Flushes what the unit has cached of DMA tables, globally; queued invalidation is started if it is off (a queue of
     * the old kernel is given up first). For strategies that change DMA tables as early as this.
     */
    invalidateTranslations(unit: RemappingUnitHandle): void;
    /**
     * Starts queued invalidation on the unit if it is off (a queue of the old kernel is given up first), and flushes
     * the unit's interrupt entry cache globally.
     */
    invalidateInterruptEntries(unit: RemappingUnitHandle): void;
    /**
     * The unit's interrupt table is now this one, `entries` long, in memory of the new kernel; the driver goes on
     * with it and hands out none of the entries that are present.
     */
    adoptInterruptTable(
      unit: RemappingUnitHandle,
      table: { readonly address: number; readonly entries: number },
    ): void;
  };
}

/** In place of the remapping units' initialisation (`pci_iommu_init`). */
export interface IommuInitContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'iommu_init';
  readonly type1: Type1ConfigAccess;
  readonly mmconfig: MmconfigAccess;
  readonly devices: DeviceList;
  readonly pages: PageAllocator;
  readonly memory: OwnedMemory;
  readonly units: readonly RemappingUnitHandle[];
  readonly reservedRegions: readonly ReservedMemoryRegion[];
  readonly kernel: RemappingDriver;
}

/** A driver is about to attach to `device`; its domain is not yet switched. */
export interface DeviceAttachContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'device_initcalls';
  readonly device: PciDevice;
  readonly devices: DeviceList;
  readonly mmconfig: MmconfigAccess;
  readonly pages: PageAllocator;
  readonly memory: OwnedMemory;
  readonly units: readonly RemappingUnitHandle[];
}

/** The fault handler has taken one record from a unit. May happen in any phase after `iommu_init` has begun. */
export interface IommuFaultContext<Options = unknown> extends PhaseContext<Options> {
  readonly unit: RemappingUnitHandle;
  readonly requesterId: number;
  readonly address: number;
  readonly write: boolean;
  /** The unit's own fault code. */
  readonly reason: number;
  /** Undefined if no such function was enumerated. */
  readonly device: PciDevice | undefined;
  readonly devices: DeviceList;
  readonly mmconfig: MmconfigAccess;
  /**
   * Puts work off (`schedule_delayed_work`): it runs once `ms` have passed and the kernel lets time pass, with a context
   * of its own; boot goes on meanwhile.
   */
  schedule(ms: number, work: (ctx: IommuFaultContext<Options>) => void): void;
}

/** The AER driver has taken an error source from a root port. */
export interface AerErrorContext<Options = unknown> extends PhaseContext<Options> {
  readonly rootPort: PciDevice;
  /** Requester ID that the root port recorded. */
  readonly sourceId: number;
  readonly severity: 'correctable' | 'nonfatal' | 'fatal';
  readonly device: PciDevice | undefined;
  readonly devices: DeviceList;
  readonly mmconfig: MmconfigAccess;
  /**
   * Puts work off (`schedule_delayed_work`): it runs once `ms` have passed and the kernel lets time pass, with a context
   * of its own; boot goes on meanwhile.
   */
  schedule(ms: number, work: (ctx: AerErrorContext<Options>) => void): void;
}
