/** A host bridge that firmware can reset as a whole. */
export interface HostBridge {
  readonly segment: number;
  /** Bus of its root ports. */
  readonly bus: number;
}

/**
 * What firmware does for a kernel that asks: on POWER, OPAL and RTAS reset a PCI host bridge with everything behind
 * it, and take care of the timing. Most PCs have nothing of the kind: the list is empty there.
 */
export interface FirmwareServices {
  readonly hostBridges: readonly HostBridge[];
  /**
   * Resets every link below the host bridge and waits until what is behind it answers again. Bus numbers and BARs of
   * everything below are lost, unless firmware restores them.
   */
  resetHostBridge(bridge: HostBridge): void;
}
