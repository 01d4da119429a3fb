/** Uncorrectable errors, as their bit in the AER registers (PCIe 7.8.4.2). */
export const UncorrectableError = {
  dataLinkProtocol: 4,
  surpriseDown: 5,
  poisonedTlp: 12,
  flowControlProtocol: 13,
  completionTimeout: 14,
  completerAbort: 15,
  unexpectedCompletion: 16,
  receiverOverflow: 17,
  malformedTlp: 18,
  ecrc: 19,
  unsupportedRequest: 20,
  acsViolation: 21,
  uncorrectableInternal: 22,
} as const;

export type UncorrectableError = (typeof UncorrectableError)[keyof typeof UncorrectableError];

/** Correctable errors, as their bit in the AER registers (PCIe 7.8.4.5). */
export const CorrectableError = {
  receiver: 0,
  badTlp: 6,
  badDllp: 7,
  replayNumRollover: 8,
  replayTimerTimeout: 12,
  advisoryNonFatal: 13,
  correctedInternal: 14,
  headerLogOverflow: 15,
} as const;

export type CorrectableError = (typeof CorrectableError)[keyof typeof CorrectableError];

/** Errors that are fatal unless software has set another severity: reset value of the severity register (7.8.4.4). */
export const FATAL_BY_DEFAULT = 0x0046_2030;
