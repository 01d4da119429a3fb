import { type Address, assert, highWord, lowWord, pageAddress } from '@quiesce/simulation';

/** Bytes of a device table entry (48882, 2.2.2.1). */
export const DEVICE_TABLE_ENTRY_BYTES = 32;
/** Words of 32 bits of a device table entry. */
export const DEVICE_TABLE_ENTRY_WORDS = 8;

/** IntCtl of an entry that is valid for interrupts: fixed and arbitrated ones are aborted. */
export const INTERRUPTS_ABORTED = 0;
/** IntCtl: they are delivered as they were sent. */
export const INTERRUPTS_FORWARDED = 1;
/** IntCtl: they go through the device's interrupt table. */
export const INTERRUPTS_REMAPPED = 2;

/** The fields of a device table entry that the model gives a meaning. */
export interface DeviceTableEntry {
  /** V: the rest of the DMA half holds; 0 lets every request pass untranslated. */
  readonly valid: boolean;
  /** TV: mode and page table hold. */
  readonly translationValid: boolean;
  /** Levels of the page table, 1 to 6; 0 translates nothing and checks IR and IW alone. */
  readonly levels: number;
  readonly pageTable: Address;
  /** IR, IW */
  readonly read: boolean;
  readonly write: boolean;
  /** 16 bits; tags what the IOTLB keeps. */
  readonly domainId: number;
  /** GV: guest translation by PASID. */
  readonly guest: boolean;
  /** I: the device may ask for translations and keep them (ATS). */
  readonly deviceTlb: boolean;
  /** SA: page faults of this device are not logged. */
  readonly suppressesFaults: boolean;
  /** IV: the interrupt half holds; 0 lets interrupts pass as they are. */
  readonly interruptsValid: boolean;
  readonly interruptControl: number;
  /** Entries of the interrupt table: 2^n, 0 to 11. */
  readonly interruptTableLength: number;
  /** Multiple of 64. */
  readonly interruptTable: Address;
}

/** An entry that says nothing: every request passes, every interrupt too. */
export const emptyDeviceTableEntry: DeviceTableEntry = {
  valid: false,
  translationValid: false,
  levels: 0,
  pageTable: 0,
  read: false,
  write: false,
  domainId: 0,
  guest: false,
  deviceTlb: false,
  suppressesFaults: false,
  interruptsValid: false,
  interruptControl: INTERRUPTS_ABORTED,
  interruptTableLength: 0,
  interruptTable: 0,
};

const bit = (set: boolean, at: number): number => (set ? 2 ** at : 0);

/** Words of an entry; what `fields` leaves out is 0. */
export function deviceTableEntry(fields: Partial<DeviceTableEntry>): number[] {
  const one = { ...emptyDeviceTableEntry, ...fields };
  assert(one.levels >= 0 && one.levels <= 7, `a device table entry has no mode ${one.levels}`);
  assert(one.pageTable % 4096 === 0 && one.interruptTable % 64 === 0, 'tables are aligned');
  return [
    lowWord(one.pageTable) + bit(one.valid, 0) + bit(one.translationValid, 1) + one.levels * 2 ** 9,
    highWord(one.pageTable) + bit(one.guest, 23) + bit(one.read, 29) + bit(one.write, 30),
    one.domainId,
    bit(one.deviceTlb, 0) + bit(one.suppressesFaults, 2),
    lowWord(one.interruptTable) + bit(one.interruptsValid, 0) + one.interruptTableLength * 2,
    highWord(one.interruptTable) + one.interruptControl * 2 ** 28,
    0,
    0,
  ];
}

/** The fields of an entry's words, from `at` on. */
export function readDeviceTableEntry(words: ArrayLike<number>, at = 0): DeviceTableEntry {
  const word = (index: number): number => words[at + index] as number;
  return {
    valid: entryValid(word(0)),
    translationValid: entryTranslationValid(word(0)),
    levels: entryLevels(word(0)),
    pageTable: pageAddress(word(0), word(1)),
    read: (word(1) & ENTRY_READ) !== 0,
    write: (word(1) & ENTRY_WRITE) !== 0,
    domainId: entryDomainId(word(2)),
    guest: (word(1) & 0x80_0000) !== 0,
    deviceTlb: (word(3) & 1) !== 0,
    suppressesFaults: (word(3) & 4) !== 0,
    interruptsValid: (word(4) & 1) !== 0,
    interruptControl: entryInterruptControl(word(5)),
    interruptTableLength: entryInterruptLength(word(4)),
    interruptTable: entryInterruptTable(word(4), word(5)),
  };
}

/** IR and IW in word 1. */
export const ENTRY_READ = 0x2000_0000;
export const ENTRY_WRITE = 0x4000_0000;
/** GV and all of the GCR3 table's address: words 0, 1, 2 and 3 without them. */
export const GUEST_TRANSLATION_MASKS: readonly number[] = [0, 0x1c80_0000, 0xffff_0000, 0xffff_f800];
/** Bits that must be 0 (48882, 2.2.2.1): an entry with one of them is illegal. */
export const RESERVED_WORD0 = 0x7c;

export function entryValid(word0: number): boolean {
  return (word0 & 1) !== 0;
}

export function entryTranslationValid(word0: number): boolean {
  return (word0 & 2) !== 0;
}

export function entryLevels(word0: number): number {
  return (word0 >>> 9) & 7;
}

export function entryDomainId(word2: number): number {
  return word2 & 0xffff;
}

export function entryInterruptControl(word5: number): number {
  return (word5 >>> 28) & 3;
}

export function entryInterruptLength(word4: number): number {
  return (word4 >>> 1) & 0xf;
}

export function entryInterruptTable(word4: number, word5: number): Address {
  return (word5 & 0xf_ffff) * 0x1_0000_0000 + ((word4 & 0xffff_ffc0) >>> 0);
}
