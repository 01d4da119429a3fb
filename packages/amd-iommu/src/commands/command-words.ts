import { type Address, assert, highWord, lowWord } from '@quiesce/simulation';

/** Bytes of a command (48882, 2.4). */
export const COMMAND_BYTES = 16;

/** Opcodes in bits 63:60. */
export const Command = {
  completionWait: 1,
  invalidateDeviceTableEntry: 2,
  invalidatePages: 3,
  invalidateDeviceTlbPages: 4,
  invalidateInterruptTable: 5,
  invalidateAll: 8,
} as const;

const opcode = (command: number): number => command * 2 ** 28;

/** COMPLETION_WAIT that stores `value` at `address`, a multiple of 8, when all before it is done. */
export function completionWait(address: Address, value: number): readonly number[] {
  assert(address % 8 === 0, 'a completion is stored at a multiple of 8');
  return [lowWord(address) + 1, highWord(address) + opcode(Command.completionWait), value >>> 0, 0];
}

/** INVALIDATE_DEVTAB_ENTRY */
export function invalidateDeviceTableEntry(requesterId: number): readonly number[] {
  return [requesterId, opcode(Command.invalidateDeviceTableEntry), 0, 0];
}

/** INVALIDATE_IOMMU_PAGES for all of a domain, tables on the way (PDE) included. */
export function invalidateDomain(domainId: number): readonly number[] {
  // S with an address of ones: the whole address space.
  return [0, domainId + opcode(Command.invalidatePages), 0xffff_f003, 0x7fff_ffff];
}

/** INVALIDATE_IOMMU_PAGES for one page of 4 KiB. */
export function invalidatePage(domainId: number, address: Address): readonly number[] {
  return [
    0,
    domainId + opcode(Command.invalidatePages),
    lowWord(address - (address % 4096)),
    highWord(address),
  ];
}

/** INVALIDATE_INTERRUPT_TABLE */
export function invalidateInterruptTable(requesterId: number): readonly number[] {
  return [requesterId, opcode(Command.invalidateInterruptTable), 0, 0];
}

/** INVALIDATE_IOMMU_ALL; a unit without EFR.IASup calls it illegal. */
export function invalidateAll(): readonly number[] {
  return [0, opcode(Command.invalidateAll), 0, 0];
}
