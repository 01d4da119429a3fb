/** How a non-posted request ended (PCIe 2.2.9), or why a posted one did not arrive. */
export const Completion = {
  /** Successful completion; a posted write was accepted. */
  success: 0,
  unsupportedRequest: 1,
  configRequestRetry: 2,
  completerAbort: 4,
  /** No completion arrived in time. */
  timeout: 8,
  /** Data arrived with the error/poisoned bit. */
  poisoned: 9,
  /** Never sent: Bus Master Enable of the function itself is clear. */
  notMaster: 10,
} as const;

/** A value of {@link Completion}. */
export type CompletionStatus = (typeof Completion)[keyof typeof Completion];
