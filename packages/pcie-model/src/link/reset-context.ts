import type { Nanoseconds, ResetKind } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';

/** What resets the function. */
export type ResetCause =
  | 'secondary-bus-reset'
  | 'link-disable'
  | 'slot-power'
  | 'containment'
  | 'function-level-reset'
  | 'power-state'
  | 'virtual-function-disable';

/** What the registers of a function report to the hierarchy that it is part of. */
export interface ResetContext {
  now(): Nanoseconds;
  commandWritten(fn: PcieFunction, previous: number, current: number): void;
  /** `fn` was reset: its registers already are. */
  wasReset(fn: PcieFunction, kind: ResetKind, cause: ResetCause): void;
  /** Bus numbers or virtual functions have changed. */
  routingChanged(): void;
  /** Secondary Bus Reset was set for less than 1 ms. */
  resetTooShort(bridge: PcieFunction): void;
  /** A function level reset began while requests were outstanding. */
  resetWhilePending(fn: PcieFunction): void;
  machineHangs(fn: PcieFunction, cause: ResetCause): void;
}
