/** Register offsets and bits as a remapping driver knows them (VT-d 10.4). */
export const VTD = {
  version: 0x00,
  capability: 0x08,
  extendedCapability: 0x10,
  globalCommand: 0x18,
  globalStatus: 0x1c,
  rootTable: 0x20,
  contextCommand: 0x28,
  faultStatus: 0x34,
  faultEventControl: 0x38,
  faultEventData: 0x3c,
  faultEventAddress: 0x40,
  faultEventUpperAddress: 0x44,
  protectedMemoryEnable: 0x64,
  queueHead: 0x80,
  queueTail: 0x88,
  queueAddress: 0x90,
  interruptTable: 0xb8,
} as const;

/** Bits of the global command register, and of the status register that answers it. */
export const Global = {
  translation: 0x8000_0000,
  setRootTable: 0x4000_0000,
  queuedInvalidation: 0x0400_0000,
  interruptRemapping: 0x0200_0000,
  setInterruptTable: 0x0100_0000,
} as const;

/** Commands that stay on until a write leaves them out. */
export const ENABLE_BITS: number =
  (Global.translation | Global.queuedInvalidation | Global.interruptRemapping) >>> 0;
