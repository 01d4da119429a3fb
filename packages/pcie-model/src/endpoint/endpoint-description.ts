/** Which engine an endpoint has. */
export type EndpointKind =
  | 'network-ring'
  | 'cyclic-stream'
  | 'ahci'
  | 'nvme'
  | 'mpt'
  | 'uhci'
  | 'ehci'
  | 'xhci'
  | 'scan-out'
  | 'idle';

/**
 * What a device does when one of its requests is refused:
 * - `ignore` goes on as if nothing had been; `retry` makes the same request again after a pause;
 * - `stop-until-reset` stops until any reset, that of its own registers included;
 * - `fatal-error` raises ERR_FATAL and stops until a reset from outside (hot reset, FLR, power): its registers' own
 *   reset no longer helps.
 *
 * Some engines (`mpt`, `ehci`, `xhci`) learn of refused reads alone: a memory write is posted, and nothing comes back.
 */
export type RefusalReaction = 'ignore' | 'retry' | 'stop-until-reset' | 'fatal-error';

/** What differs between devices of the same kind: data, not subclasses. */
export interface EndpointTraits {
  /** Stops its requests while Bus Master Enable is clear. Some hardware does not. */
  readonly honoursBusMaster: boolean;
  readonly onRefusal: RefusalReaction;
  /** Goes on with stale descriptors when bus mastering is enabled again, unless it was reset in between. */
  readonly resumesStaleWork: boolean;
  /** A hot reset or FLR leaves it dead, and with it the machine if `hang-machine`. */
  readonly onReset: 'ready' | 'dead' | 'hang-machine';
  /** Milliseconds after the end of a reset during which it answers CRS. */
  readonly readyAfterResetMs: number;
  /**
   * A configuration request within 100 ms after a conventional reset, which software must not send (PCIe 6.6.1), leaves
   * it dead. Default `ignore`.
   */
  readonly onEarlyConfiguration?: 'ignore' | 'dead';
  /**
   * Of an EHCI controller: offset in config space of its legacy support capability (HCCPARAMS.EECP), at which firmware
   * hands it over; default 0, none.
   */
  readonly legacySupport?: number;
  /** How it interrupts when its driver lets it. */
  readonly interrupt: 'msi' | 'msi-x' | 'intx' | 'none';
  /** ATS: it keeps translations in a device-TLB once enabled. */
  readonly usesAts: boolean;
}

/** Numbers of the engine; which of them count depends on the kind. */
export interface EndpointWorkload {
  /** Work units per second: frames, periods, commands, USB frames or reports, scan-out lines. */
  readonly ratePerSecond: number;
  /** Bytes per unit of work. */
  readonly bytesPerUnit: number;
  /** Largest single request, bytes (Max_Payload_Size or Max_Read_Request_Size). */
  readonly burstBytes: number;
  /** Direction of a cyclic stream: capture writes memory, playback reads it. */
  readonly direction: 'to-memory' | 'from-memory';
}

/** An endpoint's engine as data: which one it has, how it behaves, how much it does. */
export interface EndpointDescription {
  readonly kind: EndpointKind;
  readonly traits: EndpointTraits;
  readonly workload: EndpointWorkload;
}

/** A device that behaves as the specification asks and shrugs off refusals. */
export const defaultTraits: EndpointTraits = {
  honoursBusMaster: true,
  onRefusal: 'ignore',
  resumesStaleWork: true,
  onReset: 'ready',
  readyAfterResetMs: 0,
  interrupt: 'msi',
  usesAts: false,
};
