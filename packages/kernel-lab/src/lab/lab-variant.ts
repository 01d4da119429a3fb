/** How the two kernels are booted, apart from the strategy: what a run of the model and one of the lab have in common. */
export interface LabVariant {
  /**
   * What the second kernel does with the tables that it finds: `copy` them, as a kdump kernel does by itself; `no-copy`,
   * made to believe that it is no kdump kernel (it has no /proc/vmcore then); `iommu-off`, booted with `intel_iommu=off`.
   */
  readonly tables: 'copy' | 'no-copy' | 'iommu-off';
  /** The first kernel runs its units in scalable mode (`intel_iommu=on,sm_on`), where the machine's have it. */
  readonly firstScalable: boolean;
  /** The second kernel does, too. */
  readonly secondScalable: boolean;
  /**
   * What becomes of the devices' own interrupts before the panic: `masked` in their registers, or left `on`, so that they
   * may be in service on the processor when the second kernel starts.
   */
  readonly interrupts: 'masked' | 'on';
  /** Guest time that /init waits before it loads any driver, milliseconds. */
  readonly undrivenMs: number;
  /** The dump is read twice and compared page by page. */
  readonly readsDumpTwice: boolean;
}

/** Today's kdump in legacy mode, devices quiet on the interrupt side, drivers after half a second. */
export const defaultVariant: LabVariant = {
  tables: 'copy',
  firstScalable: false,
  secondScalable: false,
  interrupts: 'masked',
  undrivenMs: 500,
  readsDumpTwice: false,
};
