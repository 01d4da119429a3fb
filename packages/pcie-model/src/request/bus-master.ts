import type { WriterId } from '@quiesce/simulation';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { DeviceTlb } from './device-tlb.ts';

/** A function that sends requests. */
export interface BusMaster {
  readonly fn: PcieFunction;
  /** Under which it writes memory: the function's name. */
  readonly writer: WriterId;
  /** What its data looks like. */
  readonly seed: number;
  /** Translations of its own, if it uses ATS. */
  readonly tlb: DeviceTlb | undefined;
}
