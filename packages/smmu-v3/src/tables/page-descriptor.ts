import { type Address, highWord, lowWord, pageAddress } from '@quiesce/simulation';

/** Bits of a VMSAv8-64 descriptor (Arm DDI 0487, D8.3), low dword. */
export const DESCRIPTOR_VALID = 0x1;
/** With VALID: a table at levels 0 to 2, a page at level 3. */
export const DESCRIPTOR_TABLE = 0x2;
/** Stage 1 AP[1] (bit 6): unprivileged access. */
export const DESCRIPTOR_UNPRIVILEGED = 0x40;
/** Stage 1 AP[2] (bit 7): read-only. */
export const DESCRIPTOR_READ_ONLY = 0x80;
/** Stage 2 S2AP[0] */
export const DESCRIPTOR_S2_READ = 0x40;
/** Stage 2 S2AP[1] */
export const DESCRIPTOR_S2_WRITE = 0x80;
/** AF: 0 is an access flag fault. */
export const DESCRIPTOR_ACCESSED = 0x400;
const INNER_SHAREABLE = 0x300;
const NOT_GLOBAL = 0x800;

/** High dword: UXN (bit 54), at stage 2 XN. */
export const DESCRIPTOR_UNPRIVILEGED_NO_EXECUTE = 0x40_0000;
/** High dword: PXN (bit 53). */
export const DESCRIPTOR_PRIVILEGED_NO_EXECUTE = 0x20_0000;
/** High dword of a table descriptor: APTable[1] (bit 62), nothing below may be written. */
export const TABLE_READ_ONLY = 0x4000_0000;
/** High dword of a table descriptor: APTable[0] (bit 61), nothing below is for unprivileged requests. */
export const TABLE_PRIVILEGED = 0x2000_0000;

/** Bytes that an entry of this level covers with pages of 4 KiB: level 3 one page, level 0 512 GiB. */
export function bytesPerEntry(level: number): number {
  return 4096 * 512 ** (3 - level);
}

/** Index of `address` in a table of this level. */
export function tableIndex(address: Address, level: number): number {
  return Math.floor(address / bytesPerEntry(level)) % 512;
}

/** What a leaf allows. */
export interface LeafAccess {
  readonly read: boolean;
  readonly write: boolean;
}

/** A page or block descriptor. At stage 1 everything that is mapped may be read. */
export function leafDescriptor(
  stage: 1 | 2,
  level: number,
  address: Address,
  access: LeafAccess,
): { readonly low: number; readonly high: number } {
  const type = DESCRIPTOR_VALID | (level === 3 ? DESCRIPTOR_TABLE : 0);
  const rights =
    stage === 1
      ? NOT_GLOBAL | DESCRIPTOR_UNPRIVILEGED | (access.write ? 0 : DESCRIPTOR_READ_ONLY)
      : (access.read ? DESCRIPTOR_S2_READ : 0) | (access.write ? DESCRIPTOR_S2_WRITE : 0);
  return {
    low: (lowWord(address) | type | rights | INNER_SHAREABLE | DESCRIPTOR_ACCESSED) >>> 0,
    high: highWord(address) | DESCRIPTOR_UNPRIVILEGED_NO_EXECUTE | DESCRIPTOR_PRIVILEGED_NO_EXECUTE,
  };
}

/** A descriptor that points to the next table. */
export function tableDescriptor(address: Address): { readonly low: number; readonly high: number } {
  return { low: (lowWord(address) | DESCRIPTOR_VALID | DESCRIPTOR_TABLE) >>> 0, high: highWord(address) };
}

/** Address field of a descriptor: bits 47:12. */
export function descriptorAddress(low: number, high: number): Address {
  return pageAddress(low, high & 0xffff);
}

/** Whether a descriptor of this level is a leaf, a pointer to a table, or neither. */
export function descriptorKind(low: number, level: number): 'invalid' | 'table' | 'leaf' {
  if ((low & DESCRIPTOR_VALID) === 0) return 'invalid';
  if (level === 3) return (low & DESCRIPTOR_TABLE) !== 0 ? 'leaf' : 'invalid';
  if ((low & DESCRIPTOR_TABLE) !== 0) return 'table';
  // Blocks of 512 GiB do not exist with pages of 4 KiB.
  return level === 0 ? 'invalid' : 'leaf';
}
