import { type Address, assert } from '@quiesce/simulation';
import type { EntryWords } from './entry-words.ts';

/** Bytes of an interrupt-remapping table entry (VT-d 9.9, 9.10). */
export const INTERRUPT_ENTRY_BYTES = 16;
/** Bit 0. */
export const INTERRUPT_PRESENT = 0x1;
/** Bit 1 (FPD). */
export const INTERRUPT_FAULT_DISABLE = 0x2;
/** Bit 2 (DM): the destination is logical. */
export const INTERRUPT_LOGICAL = 0x4;
/** Bit 3 (RH). */
export const INTERRUPT_REDIRECTION_HINT = 0x8;
/** Bit 4 (TM). */
export const INTERRUPT_LEVEL_TRIGGERED = 0x10;
/** Bit 15 (IM): posted form. */
export const INTERRUPT_POSTED = 0x8000;
/** Remapped form: bits 14:12 and 31:24 of the first dword. */
export const REMAPPED_RESERVED_WORD0 = 0xff00_7000;
/** Posted form: bits 7:2, 13:12 and 31:24 of the first dword. */
export const POSTED_RESERVED_WORD0 = 0xff00_30fc;
/** Posted form: bits 37:32, below the descriptor's address. */
export const POSTED_RESERVED_WORD1 = 0x3f;
/** Bits 95:84 of either form. */
export const INTERRUPT_RESERVED_WORD2 = 0xfff0_0000;

/** Source validation type (SVT): 0 none, 1 requester ID against SID under SQ, 2 bus range in SID. 3 is reserved. */
export type SourceValidation = 0 | 1 | 2;

/** How an entry says who may use it. */
export interface InterruptSource {
  readonly sourceValidation?: SourceValidation;
  /** SQ, 0 .. 3: how many of the function-number bits count (0 all; 1 not bit 2; 2 not bits 2:1; 3 not bits 2:0). */
  readonly sourceQualifier?: number;
  /** SID: a requester ID; with a bus range, start bus << 8 | end bus. */
  readonly sourceId?: number;
}

/** What an entry in remapped form says. */
export interface RemappedInterrupt extends InterruptSource {
  readonly vector: number;
  /** APIC ID. Without extended mode hardware takes 8 bits of it (xAPIC). */
  readonly destination: number;
  /** With extended interrupt mode the destination has 32 bits and stands at bit 32, else 8 bits at bit 40. */
  readonly extended?: boolean;
  readonly logical?: boolean;
  readonly redirectionHint?: boolean;
  readonly levelTriggered?: boolean;
  /** 0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT. */
  readonly deliveryMode?: number;
  readonly faultDisable?: boolean;
}

/** What an entry in posted form says. */
export interface PostedInterrupt extends InterruptSource {
  readonly vector: number;
  /** Physical address of the posted-interrupt descriptor, a multiple of 64. */
  readonly descriptor: Address;
  readonly urgent?: boolean;
  readonly faultDisable?: boolean;
}

/** A present entry in remapped form (VT-d 9.9). */
export function remappedInterruptEntry(entry: RemappedInterrupt): EntryWords {
  const word0 =
    INTERRUPT_PRESENT |
    (entry.faultDisable ? INTERRUPT_FAULT_DISABLE : 0) |
    (entry.logical ? INTERRUPT_LOGICAL : 0) |
    (entry.redirectionHint ? INTERRUPT_REDIRECTION_HINT : 0) |
    (entry.levelTriggered ? INTERRUPT_LEVEL_TRIGGERED : 0) |
    (((entry.deliveryMode ?? 0) & 7) << 5) |
    ((entry.vector & 0xff) << 16);
  const word1 = entry.extended ? entry.destination >>> 0 : (entry.destination & 0xff) << 8;
  return [word0 >>> 0, word1, sourceWord(entry), 0];
}

/** A present entry in posted form (VT-d 9.10). */
export function postedInterruptEntry(entry: PostedInterrupt): EntryWords {
  assert(entry.descriptor % 64 === 0, 'a posted-interrupt descriptor is aligned to 64 bytes');
  const word0 =
    INTERRUPT_PRESENT |
    (entry.faultDisable ? INTERRUPT_FAULT_DISABLE : 0) |
    (entry.urgent ? 1 << 14 : 0) |
    INTERRUPT_POSTED |
    ((entry.vector & 0xff) << 16);
  const high = Math.floor(entry.descriptor / 0x1_0000_0000);
  return [word0 >>> 0, entry.descriptor >>> 0, sourceWord(entry), high];
}

function sourceWord(source: InterruptSource): number {
  return (
    ((source.sourceId ?? 0) & 0xffff) |
    (((source.sourceQualifier ?? 0) & 3) << 16) |
    (((source.sourceValidation ?? 0) & 3) << 18)
  );
}

/** Bit 0. */
export function interruptPresent(word0: number): boolean {
  return (word0 & INTERRUPT_PRESENT) !== 0;
}

/** Bit 1. */
export function interruptFaultDisable(word0: number): boolean {
  return (word0 & INTERRUPT_FAULT_DISABLE) !== 0;
}

/** IM, bit 15. */
export function interruptIsPosted(word0: number): boolean {
  return (word0 & INTERRUPT_POSTED) !== 0;
}

/** Bits 23:16. */
export function interruptVector(word0: number): number {
  return (word0 >>> 16) & 0xff;
}

/** Bits 7:5. */
export function interruptDeliveryMode(word0: number): number {
  return (word0 >>> 5) & 7;
}

/** Bits 63:32 in extended interrupt mode, bits 47:40 without. */
export function interruptDestination(word1: number, extended: boolean): number {
  return extended ? word1 >>> 0 : (word1 >>> 8) & 0xff;
}

/** Bits 79:64. */
export function interruptSourceId(word2: number): number {
  return word2 & 0xffff;
}

/** SQ, bits 81:80. */
export function interruptSourceQualifier(word2: number): number {
  return (word2 >>> 16) & 3;
}

/** SVT, bits 83:82; 3 is reserved. */
export function interruptSourceValidation(word2: number): number {
  return (word2 >>> 18) & 3;
}

/** Posted form: address of the descriptor. */
export function postedDescriptor(word1: number, word3: number): Address {
  return (word3 & 0x000f_ffff) * 0x1_0000_0000 + ((word1 & 0xffff_ffc0) >>> 0);
}
