import type { EndpointDescription } from '../endpoint/endpoint-description.ts';

/**
 * What a bridge does wrong:
 * - `bus-master-gates-downstream`: with Bus Master Enable clear it does not forward accesses of the CPU either, nor does
 *   it answer them, so that the CPU waits for ever (LS7A root ports, Linux commit 62b6dee1b44a).
 */
export type BridgeDefect = 'bus-master-gates-downstream';

/** A function as captured or invented: all that the model needs to build it. */
export interface FunctionDescription {
  readonly segment: number;
  /** Bus number as programmed when the machine was captured. */
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** 64, 256 or 4,096 bytes as captured; a shorter space is filled with zeros up to 256. */
  readonly config: Uint8Array;
  /** Bytes of each of the six BARs (0 = not implemented; the upper half of a 64-bit BAR is 0). */
  readonly barSizes: readonly number[];
  readonly endpoint: EndpointDescription;
  /** For a virtual function, the physical function's name. */
  readonly physicalFunction?: string;
  /** Of a bridge; default none. */
  readonly defects?: readonly BridgeDefect[];
}

/** A root complex (host bridge): which buses start below it. */
export interface RootComplexDescription {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
  /** Base of the segment's ECAM window for bus 0 of the segment; undefined without one. */
  readonly ecamBase?: number;
}
