import type { MemoryOwner } from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';

/** Faults of one requester, or of all. Reasons are hexadecimal, `0x05`. */
export interface FaultCount {
  total: number;
  reasons: Record<string, number>;
  phases: Partial<Record<Phase, number>>;
  /**
   * By reason, the chain of the first such fault from device over table entry to what was refused:
   * `04:00.0 write 0xfff69000 -> dmar0, entry at 0x2f84e040 -> refused`.
   */
  via: Record<string, string>;
}

/** Faults of one kind, DMA or interrupt, all together and one requester at a time. */
export interface FaultTotals {
  total: number;
  /** By requester ID as a kernel prints it: `01:00.0`, with the segment in front if it is not 0. */
  byRequester: Record<string, FaultCount>;
  /** When the first of them came, milliseconds after the panic; null if there was none. */
  firstMs: number | null;
  /**
   * When the last of them had come: an interrupt's fault to the moment, a memory request's to the end of the span in
   * which the machine ran on (10 ms while a kernel handles faults).
   */
  lastMs: number | null;
}

/** Leftover DMA that reached memory it was not meant for. */
export interface Corruption {
  owner: MemoryOwner;
  bytes: number;
  requester: string;
  /** Chain of the first hit: `04:00.0 0xffffe000 -> entry at 0x61c5fd8 -> 0x82b0000`, or `untranslated` for the entry. */
  via: string;
  phases: Phase[];
}

/**
 * What the second kernel has of a device: `working` under its driver; `failed`: its driver gave up, or never came to
 * run; `lost`: it does not answer any more, or was not there to be found; `no-driver`: the second kernel has none for it.
 */
export type DeviceVerdict = 'working' | 'failed' | 'lost' | 'no-driver';

/**
 * The domain ID that a unit's tables in memory, as its registers name them, give to a requester; null if they have none for
 * it, or the unit does not translate.
 */
export interface RequesterDomain {
  atCrash: number | null;
  /** When the dump was written, or the machine had stopped. */
  atEnd: number | null;
}

/** `completed`: the machine was reset; `hung`: it never came to that; `not-reached`: it had stopped before. */
export type RebootVerdict = 'completed' | 'hung' | 'not-reached';

/** What the processor made of interrupts that nobody waited for any more. */
export interface StaleInterrupts {
  /** Taken by the second kernel on vectors that none of its drivers has. */
  stray: number;
  /** Vectors that are in service in its local APIC at the end, because nobody has told it that they were handled. */
  staleInService: number[];
  /** Messages to processors that are gone, or to a local APIC that was off. */
  receiveAcceptErrors: number;
}

/** What became of one crash. Everything in it follows from registers, tables and memory. */
export interface Outcome {
  /** `saved`: written and true; `altered`: written, but leftover DMA changed what it holds; `lost`. */
  dump: 'saved' | 'altered' | 'lost';
  /** Where the second kernel stopped for good, and why; null if it went on to the end. */
  stoppedAt: null | { phase: Phase; cause: string };
  dmaFaults: FaultTotals;
  interruptFaults: FaultTotals;
  /** Leftover interrupts at the second kernel's processor. */
  interrupts: StaleInterrupts;
  /** SERR/NMI and AER events that reached a kernel or firmware. */
  systemErrors: number;
  /** DMA that went out with translation off. */
  untranslated: { total: number; byRequester: Record<string, number> };
  corruption: Corruption[];
  devices: Record<string, DeviceVerdict>;
  /** By requester ID, for those that had a domain at the crash or have one at the end. */
  domains: Record<string, RequesterDomain>;
  display: 'kept' | 'lost' | 'none';
  /** Whether devices that firmware runs by DMA into reserved memory still do at the end; `none`: it runs none. */
  firmwareTraffic: 'kept' | 'stopped' | 'none';
  time: { strategyMs: number; panicToDumpMs: number };
  /** Memory that the strategy asked for: bytes, and in how many allocations. */
  memory: { extraBytes: number; allocations: number };
  /** What leftover DMA changed of the dumped memory while the dump was being written: bytes written, distinct pages. */
  dumpChanges: { bytes: number; pages: number };
  /** What became of the second kernel's reboot after the dump. A hang here costs an administrator, not the dump. */
  reboot: { verdict: RebootVerdict; cause: string | null };
  /** Failure of the strategy plugin itself, if it had one. */
  strategyFailure: null | { code: string; message: string; phase: Phase };
  traceHash: string;
}
