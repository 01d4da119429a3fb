import type { MemoryOwner } from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';

/** Faults of one requester, or of all. Reasons are hexadecimal, `0x05`. */
export interface FaultCount {
  total: number;
  reasons: Record<string, number>;
  phases: Partial<Record<Phase, number>>;
}

/** Faults of one kind, DMA or interrupt, all together and one requester at a time. */
export interface FaultTotals {
  total: number;
  /** By requester ID as a kernel prints it: `01:00.0`, with the segment in front if it is not 0. */
  byRequester: Record<string, FaultCount>;
}

/** Leftover DMA that reached memory it was not meant for. */
export interface Corruption {
  owner: MemoryOwner;
  bytes: number;
  requester: string;
  /** Chain from device to memory: `rx ring -> untranslated fffff000`, `context 61b7001 -> PTE 3fb9c007 -> 82b0000`. */
  via: string;
  phases: Phase[];
}

/**
 * What the second kernel has of a device: `working` under its driver; `failed`: the driver gave up; `lost`: it does not
 * answer any more; `no-driver`: the second kernel has none for it.
 */
export type DeviceVerdict = 'working' | 'failed' | 'lost' | 'no-driver';

/** What became of one crash. Everything in it follows from registers, tables and memory. */
export interface Outcome {
  /** `saved`: written and true; `altered`: written, but leftover DMA changed what it holds; `lost`. */
  dump: 'saved' | 'altered' | 'lost';
  /** Where the second kernel stopped for good, and why; null if it went on to the end. */
  stoppedAt: null | { phase: Phase; cause: string };
  dmaFaults: FaultTotals;
  interruptFaults: FaultTotals;
  /** SERR/NMI and AER events that reached a kernel or firmware. */
  systemErrors: number;
  /** DMA that went out with translation off. */
  untranslated: { total: number; byRequester: Record<string, number> };
  corruption: Corruption[];
  devices: Record<string, DeviceVerdict>;
  display: 'kept' | 'lost' | 'none';
  time: { strategyMs: number; panicToDumpMs: number };
  memory: { extraBytes: number };
  /** Failure of the strategy plugin itself, if it had one. */
  strategyFailure: null | { code: string; message: string; phase: Phase };
  traceHash: string;
}
