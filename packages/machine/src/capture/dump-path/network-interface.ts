import type { Stated } from '../host-facts.ts';

/** A network interface as `/sys`, `ip` or `ethtool` shows it. */
export interface NetworkInterface {
  readonly name: string;
  /** Where it was found: its folder below `/sys`, or the line of a command. */
  readonly found: Stated<string>;
  /** Nearest PCI function above it. */
  readonly function?: string;
  /** `up`, `down`, `unknown`, … */
  readonly state?: Stated<string>;
  /** Of a bond: the interface that it sends through now. */
  readonly active?: Stated<string>;
  /** Interfaces that it sends through: members of a bond or bridge, what a VLAN is on. */
  readonly over: readonly Stated<string>[];
}

/** A route of IPv4, its addresses as numbers of 32 bits; or a default route of IPv6. */
export interface NetworkRoute {
  readonly interfaceName: Stated<string>;
  /** Left out for IPv4. */
  readonly version?: 6;
  /** 0 for a default route, and where a capture was redacted. */
  readonly destination: number;
  readonly mask: number;
  /** The lowest goes first. */
  readonly metric: number;
}
