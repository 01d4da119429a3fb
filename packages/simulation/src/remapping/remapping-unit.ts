import type { Address } from '../memory/address.ts';
import type { DmaRequest } from './dma-request.ts';

/**
 * What a remapping unit made of a request. Filled in place, so that nothing is allocated per request.
 * `reason` is the unit's own fault code (0 = none); it is for people and records, nothing may branch on it.
 */
export interface TranslationOutcome {
  /** False: a write is dropped, a read is completed with Unsupported Request. */
  allowed: boolean;
  /** Where the request goes, if allowed. */
  address: Address;
  /** Bytes from `address` for which the same answer holds without asking again (0 = only this request). */
  validFor: number;
  reason: number;
  /** Physical address of the table entry that decided, 0 if none was read. */
  entryAddress: Address;
  /** The request went through without translation (unit off, pass-through, identity). */
  untranslated: boolean;
  /** The same request repeated now would change no state of the unit (its caches hit, its fault log is full). */
  steady: boolean;
}

/** An outcome to be filled in: allowed, at address 0. */
export function newTranslationOutcome(): TranslationOutcome {
  return {
    allowed: true,
    address: 0,
    validFor: 0,
    reason: 0,
    entryAddress: 0,
    untranslated: false,
    steady: false,
  };
}

/** An interrupt message: a memory write into the interrupt window. */
export interface InterruptRequest {
  segment: number;
  requesterId: number;
  /** 0xFEExxxxx */
  address: Address;
  /** 32 bits. */
  data: number;
}

/** What a remapping unit made of an interrupt message. Filled in place. */
export interface InterruptOutcome {
  delivered: boolean;
  /** 0 .. 255 */
  vector: number;
  /** APIC ID or logical destination. */
  destination: number;
  /** The unit's own fault code, 0 = none. */
  reason: number;
  /** Index of the table entry used, -1 if none. */
  index: number;
}

/** An outcome to be filled in: not delivered. */
export function newInterruptOutcome(): InterruptOutcome {
  return { delivered: false, vector: 0, destination: 0, reason: 0, index: -1 };
}

/**
 * The seam between the PCIe fabric and a remapping unit of any architecture: it stands in the path of every
 * upstream request of the devices in its scope, and has registers that the CPU reads and writes.
 */
export interface RemappingUnit {
  readonly name: string;
  /** Where its registers are. */
  readonly registerBase: Address;
  /** Bytes. */
  readonly registerSize: number;
  translate(request: DmaRequest, outcome: TranslationOutcome): void;
  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void;
  readRegister32(offset: number): number;
  writeRegister32(offset: number, value: number): void;
}
