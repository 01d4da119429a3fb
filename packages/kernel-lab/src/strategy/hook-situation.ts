/** What a hook is told of the stop that it runs at. */
export interface HookSituation {
  /**
   * Physical memory that neither kernel uses, for the strategy's pages; page aligned, `end` exclusive. The same at every
   * stop of a run.
   */
  readonly memory: { readonly start: number; readonly end: number };
  /**
   * The second kernel remaps DMA (`ctx.kernel.translates`). Default: unless its command line has `intel_iommu=off` or
   * `iommu=off`.
   */
  readonly translates?: boolean;
  /** For `deviceAttach`: name of the function that a driver attaches to, `0000:01:00.0`. */
  readonly device?: string;
  /** For `iommuFault`: the record that the kernel has taken. */
  readonly fault?: {
    /** Name of the unit, `dmar0`. */
    readonly unit: string;
    readonly requesterId: number;
    readonly address: number;
    readonly write: boolean;
    readonly reason: number;
  };
  /** For `aerError`: the error source that the kernel has taken. */
  readonly error?: {
    /** Name of the root port, `0000:00:01.0`. */
    readonly rootPort: string;
    readonly sourceId: number;
    readonly severity: 'correctable' | 'nonfatal' | 'fatal';
  };
}
