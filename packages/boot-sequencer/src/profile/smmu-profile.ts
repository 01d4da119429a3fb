/** How a kernel's SMMUv3 driver behaves: the differences between versions, as data. */
export interface SmmuProfile {
  /**
   * What a kdump kernel does with a unit that is enabled: a full reset (before commit b63b3439b856, and again since commit
   * 3f54c447df34); `refuse`: abort everything, disable, fail the probe with -EBUSY (between the two); `adopt`: leave it
   * enabled and go on with the old stream table (series of 2026).
   */
  readonly onEnabled: 'reset' | 'refuse' | 'adopt';
  /** A unit that is enabled is told to abort before it is disabled (GBPA.ABORT, commit b63b3439b856). */
  readonly abortsBeforeReset: boolean;
  /** Streams that no driver has attached: through untranslated (`disable_bypass=0`, before 2018-07), or refused. */
  readonly unattachedStreams: 'bypass' | 'abort';
  /** A kdump kernel runs the event queue; no longer since commit 3f54c447df34. */
  readonly eventQueueInKdump: boolean;
  /** ASIDs of the old stream table are not given to new domains (later revisions of the series of 2026). */
  readonly reservesAdoptedAsids: boolean;
}

/** Linux 5.2 to today: what a kernel does that says nothing of SMMUs. */
export const currentSmmuProfile: SmmuProfile = {
  onEnabled: 'reset',
  abortsBeforeReset: true,
  unattachedStreams: 'abort',
  eventQueueInKdump: false,
  reservesAdoptedAsids: false,
};
