import type { WriterId } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';

/** A function that sends requests. */
export interface BusMaster {
  readonly fn: PcieFunction;
  /** Under which it writes memory: the function's name. */
  readonly writer: WriterId;
  /** What its data looks like. */
  readonly seed: number;
}
