/** What happens when an error message or a remapping fault reaches the root of the machine. */
export type Escalation = 'none' | 'aer-interrupt' | 'serr-nmi' | 'smi-hang';

/** How a chipset and its firmware take errors: data of a machine. */
export interface PlatformDescription {
  /** What the chipset makes of a system error (ERR_* past Root Control, SERR# on a root bus). */
  readonly systemError: Escalation;
  /** What it makes of a fault that a remapping unit reports to the core logic (VT-d unmasked in VTUNCERRMSK). */
  readonly remappingFault: Escalation;
  /** A write into nothing (no memory, no window) is reported as a system error, too. */
  readonly masterAbortIsSystemError: boolean;
  /** Firmware resets a host bridge with all behind it when a kernel asks (POWER); default false. */
  readonly hostBridgeReset?: boolean;
}
