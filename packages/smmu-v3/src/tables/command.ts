import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** Opcodes of commands (SMMUv3 4.1.3) that this model has. */
export const CommandOpcode = {
  prefetchConfig: 0x01,
  prefetchAddress: 0x02,
  invalidateStream: 0x03,
  invalidateStreams: 0x04,
  invalidateContext: 0x05,
  invalidateContexts: 0x06,
  tlbAll: 0x10,
  tlbAsid: 0x11,
  tlbAddress: 0x12,
  tlbAddressAllAsids: 0x13,
  tlbVmid: 0x28,
  tlbIntermediateAddress: 0x2a,
  tlbEverything: 0x30,
  deviceTlb: 0x40,
  sync: 0x46,
} as const;

/** CMD_CFGI_STE: a stream's entry and all that hangs on it. */
export function invalidateStream(streamId: number): readonly number[] {
  return [CommandOpcode.invalidateStream, streamId >>> 0, 1, 0];
}

/** CMD_CFGI_ALL */
export function invalidateAllStreams(): readonly number[] {
  return [CommandOpcode.invalidateStreams, 0, 31, 0];
}

/** CMD_CFGI_STE_RANGE: 2^`log2` streams around `streamId`. */
export function invalidateStreamRange(streamId: number, log2: number): readonly number[] {
  return [CommandOpcode.invalidateStreams, streamId >>> 0, log2 - 1, 0];
}

/** CMD_CFGI_CD: one context descriptor of a stream. */
export function invalidateContext(streamId: number, substreamId = 0): readonly number[] {
  return [(CommandOpcode.invalidateContext | 0x800 | (substreamId << 12)) >>> 0, streamId >>> 0, 1, 0];
}

/** CMD_CFGI_CD_ALL */
export function invalidateContexts(streamId: number): readonly number[] {
  return [CommandOpcode.invalidateContexts, streamId >>> 0, 0, 0];
}

/** CMD_TLBI_NH_ALL: stage 1 translations of a VMID. */
export function invalidateTranslationsOfVmid(vmid: number): readonly number[] {
  return [CommandOpcode.tlbAll, vmid & 0xffff, 0, 0];
}

/** CMD_TLBI_NH_ASID */
export function invalidateAsid(asid: number, vmid = 0): readonly number[] {
  return [CommandOpcode.tlbAsid, ((asid << 16) | (vmid & 0xffff)) >>> 0, 0, 0];
}

/** CMD_TLBI_NH_VA: one page. */
export function invalidateAddress(asid: number, address: Address, vmid = 0): readonly number[] {
  return [
    CommandOpcode.tlbAddress,
    ((asid << 16) | (vmid & 0xffff)) >>> 0,
    ((lowWord(address) & 0xffff_f000) | 1) >>> 0,
    highWord(address),
  ];
}

/** CMD_TLBI_S12_VMALL: all translations of a VMID, both stages. */
export function invalidateVmid(vmid: number): readonly number[] {
  return [CommandOpcode.tlbVmid, vmid & 0xffff, 0, 0];
}

/** CMD_TLBI_NSNH_ALL: every translation. */
export function invalidateAllTranslations(): readonly number[] {
  return [CommandOpcode.tlbEverything, 0, 0, 0];
}

/** CMD_ATC_INV: 2^`log2Pages` pages of a device's own translations; 52 is all of them. */
export function invalidateDeviceTlb(
  streamId: number,
  address: Address,
  log2Pages: number,
): readonly number[] {
  const low = ((lowWord(address) & 0xffff_f000) | log2Pages) >>> 0;
  return [CommandOpcode.deviceTlb, streamId >>> 0, low, highWord(address)];
}

/** CMD_SYNC: what stood before it is finished when CMDQ_CONS has passed it. */
export function syncCommand(): readonly number[] {
  return [CommandOpcode.sync, 0, 0, 0];
}
