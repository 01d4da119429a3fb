import type { Address } from '@quiesce/simulation';
import type { AdoptedDomain, PciDevice, RemappingUnitHandle } from '@quiesce/strategy';
import type { DmaDirection } from '../drivers/driver-host.ts';

/** A fault as the kernel's handler took it from a unit. */
export interface HandledFault {
  readonly unit: RemappingUnitHandle;
  readonly requesterId: number;
  readonly address: Address;
  readonly write: boolean;
  readonly reason: number;
  readonly interrupt: boolean;
}

/** Which requester IDs a function's requests carry: its own and those of bridges above it. */
export interface DmaIdentity {
  readonly segment: number;
  /** The one that the unit looks up, first; further ones get the same translation. */
  readonly requesterIds: readonly number[];
  /** For the log: `0000:04:00.0`. */
  readonly name: string;
  /** The function itself; undefined where only its IDs are known. */
  readonly device?: PciDevice;
  /** Its IOMMU group; undefined: it is alone. */
  readonly group?: IommuGroup;
}

/** Functions that nothing keeps apart from each other (pci_device_group). */
export interface IommuGroup {
  /** 0, 1, 2 in the order in which groups are made. */
  readonly index: number;
  /** Functions in it. */
  readonly size: number;
}

/**
 * A kernel's remapping driver, whatever the architecture of the units: the sequencer and the device drivers
 * know it only by this.
 */
export interface KernelRemapping {
  /** The crash path switches everything off (hypervisors before 2019). */
  disableOnCrash(): void;
  /** Interrupt remapping in APIC setup, before any initcall. */
  enableInterruptRemapping(): void;
  enableInterruptRemappingOf(unit: RemappingUnitHandle): void;
  /** `pci_iommu_init`, for all units. */
  initialise(): void;
  initialiseUnit(unit: RemappingUnitHandle): void;
  /** After every unit was initialised, by the kernel or by a strategy. */
  finishInitialisation(): void;
  /** Makes memory reachable for a function; its first call attaches the function to a domain. */
  mapDma(
    identity: DmaIdentity,
    physical: Address,
    bytes: number,
    direction: DmaDirection,
  ): Address | undefined;
  /**
   * Address and data for a message-signalled interrupt, remapped if interrupt remapping is on. `destination`: APIC ID,
   * default 0.
   */
  interruptMessage(
    identity: DmaIdentity,
    vector: number,
    destination?: number,
  ): { address: Address; data: number };
  /** This kernel remaps interrupts. Undefined counts as false. */
  readonly remapsInterrupts?: boolean;
  /**
   * The domain ID that the unit's own tables, as its registers name them now, give to the requests of a function; null
   * if they have none for it, or do not translate.
   */
  domainIdOf(identity: DmaIdentity): number | null;
  /** Takes every record out of every unit and prints what the rate limit lets through. */
  handleFaults(): HandledFault[];
  readonly units: readonly RemappingUnitHandle[];
  /** Queue started if it is off, context cache and IOTLB flushed globally. */
  invalidateTranslations(unit: RemappingUnitHandle): void;
  /** Queue started if it is off, interrupt entry cache flushed. */
  invalidateInterruptEntries(unit: RemappingUnitHandle): void;
  adoptRootTable(unit: RemappingUnitHandle, root: { address: Address; scalable: boolean }): void;
  adoptInterruptTable(unit: RemappingUnitHandle, table: { address: Address; entries: number }): void;
  reserveDomainId(unit: RemappingUnitHandle, domainId: number): void;
  adoptEntry(
    unit: RemappingUnitHandle,
    entry: { readonly requesterId: number; readonly domainId: number },
  ): void;
  adoptDomain(domain: AdoptedDomain): void;
}
