/** Bytes of a transfer request block, of an event, and of a context (xHCI 6.4, 6.2). */
export const TRB_BYTES = 16;
export const CONTEXT_BYTES = 32;
/** Dwords of a context that are carried over from an input context. */
export const CONTEXT_DWORDS = 5;

/** TRB types, bits 15:10 of the fourth dword (xHCI 6.4.6). */
export const TrbType = {
  normal: 1,
  link: 6,
  enableSlot: 9,
  disableSlot: 10,
  addressDevice: 11,
  configureEndpoint: 12,
  noOpCommand: 23,
  transferEvent: 32,
  commandCompletion: 33,
} as const;

/** Completion codes (xHCI 6.4.5). */
export const CompletionCode = {
  success: 1,
  trbError: 5,
  noSlots: 9,
  slotNotEnabled: 11,
  shortPacket: 13,
  parameterError: 17,
} as const;

/** Bits of the fourth dword of a TRB. */
export const CYCLE = 1;
export const TOGGLE_CYCLE = 2;
export const INTERRUPT_ON_SHORT = 4;
export const INTERRUPT_ON_COMPLETION: number = 1 << 5;

/** The one slot there is, and the device context index of its interrupt IN endpoint: endpoint 1, IN. */
export const SLOT = 1;
export const ENDPOINT = 3;
/** Contexts of a device that the model carries over: the slot, the control endpoint, the interrupt endpoint. */
export const CONTEXTS: readonly number[] = [0, 1, ENDPOINT];

/** Endpoint State in the first dword of an endpoint context, bits 2:0: running. */
export const RUNNING = 1;
/** Slot State in the fourth dword of a slot context, bits 31:27: addressed, configured. */
export const SlotState = { addressed: 2, configured: 3 } as const;

export function trbType(control: number): number {
  return (control >>> 10) & 0x3f;
}

export function slotOf(control: number): number {
  return control >>> 24;
}
