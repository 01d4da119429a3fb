/** A remapping unit as software sees it: registers, and which requests pass it. */
export interface RemappingUnitHandle {
  /** `dmar0` */
  readonly name: string;
  /** Which programming interface its registers follow, e.g. `vt-d`. */
  readonly architecture: string;
  readonly segment: number;
  /** True if requests of this requester ID pass this unit. */
  covers(requesterId: number): boolean;
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

/** A translation domain that the old kernel had set up and the new one is to go on with. */
export interface AdoptedDomain {
  readonly unit: RemappingUnitHandle;
  readonly requesterId: number;
  readonly domainId: number;
  /** Levels of the page table: 3, 4 or 5. */
  readonly levels: number;
  /** Physical address of the page table's root, in memory of the new kernel or of the old one. */
  readonly pageTableRoot: number;
  /** Ranges of I/O virtual addresses that old traffic uses; the new kernel will hand out none of them. */
  readonly reserved: readonly { readonly start: number; readonly end: number }[];
}

/** The new kernel's own remapping driver, to be told what a strategy has done in its place. */
export interface RemappingDriver {
  /**
   * False if this kernel was told to do without DMA remapping (`intel_iommu=off`): its drivers give devices physical
   * addresses, whatever tables a strategy has set up.
   */
  readonly translates: boolean;
  /** Does what this kernel does by itself, for every unit. */
  initialise(): void;
  /** Does what this kernel does by itself, for this unit alone. */
  initialiseUnit(unit: RemappingUnitHandle): void;
  /**
   * Flushes the unit's context cache and IOTLB globally, through the registers or through the queue, as the driver
   * has the unit set up. The way to invalidate while queued invalidation is on: the queue is the driver's.
   */
  invalidateTranslations(unit: RemappingUnitHandle): void;
  /**
   * The unit's root, device or stream table is now this one, in memory of the new kernel or of the old one; the
   * driver must go on with it and writes its entries into it. `scalable` is false where the architecture has no such mode.
   */
  adoptRootTable(
    unit: RemappingUnitHandle,
    root: { readonly address: number; readonly scalable: boolean },
  ): void;
  /** The driver must not hand out this domain ID. */
  reserveDomainId(unit: RemappingUnitHandle, domainId: number): void;
  /**
   * The entry of this requester in the table that the driver goes on with is one of the old kernel: its domain ID is
   * reserved, and when a driver attaches, the entry is torn down (flushed under the old ID) and replaced.
   */
  adoptEntry(
    unit: RemappingUnitHandle,
    entry: { readonly requesterId: number; readonly domainId: number },
  ): void;
  /** When a driver attaches to this requester, it gets this domain instead of a fresh one. */
  adoptDomain(domain: AdoptedDomain): void;
}
