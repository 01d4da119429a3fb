import { advancedErrorReporting } from '../config-space/advanced-error-reporting.ts';

const { field, register } = advancedErrorReporting;

/** Uncorrectable errors, as their bit in the AER registers (PCIe 7.8.4.2). */
export const UncorrectableError: Readonly<
  Record<
    | 'dataLinkProtocol'
    | 'surpriseDown'
    | 'poisonedTlp'
    | 'flowControlProtocol'
    | 'completionTimeout'
    | 'completerAbort'
    | 'unexpectedCompletion'
    | 'receiverOverflow'
    | 'malformedTlp'
    | 'ecrc'
    | 'unsupportedRequest'
    | 'acsViolation'
    | 'uncorrectableInternal',
    number
  >
> = {
  dataLinkProtocol: field['UNCORRECTABLE_STATUS.DATA_LINK_PROTOCOL'].low,
  surpriseDown: field['UNCORRECTABLE_STATUS.SURPRISE_DOWN'].low,
  poisonedTlp: field['UNCORRECTABLE_STATUS.POISONED'].low,
  flowControlProtocol: field['UNCORRECTABLE_STATUS.FLOW_CONTROL'].low,
  completionTimeout: field['UNCORRECTABLE_STATUS.COMPLETION_TIMEOUT'].low,
  completerAbort: field['UNCORRECTABLE_STATUS.COMPLETER_ABORT'].low,
  unexpectedCompletion: field['UNCORRECTABLE_STATUS.UNEXPECTED_COMPLETION'].low,
  receiverOverflow: field['UNCORRECTABLE_STATUS.RECEIVER_OVERFLOW'].low,
  malformedTlp: field['UNCORRECTABLE_STATUS.MALFORMED'].low,
  ecrc: field['UNCORRECTABLE_STATUS.ECRC'].low,
  unsupportedRequest: field['UNCORRECTABLE_STATUS.UNSUPPORTED_REQUEST'].low,
  acsViolation: field['UNCORRECTABLE_STATUS.ACS_VIOLATION'].low,
  uncorrectableInternal: field['UNCORRECTABLE_STATUS.INTERNAL'].low,
};

/** Correctable errors, as their bit in the AER registers (PCIe 7.8.4.5). */
export const CorrectableError: Readonly<
  Record<
    | 'receiver'
    | 'badTlp'
    | 'badDllp'
    | 'replayRollover'
    | 'replayTimeout'
    | 'advisoryNonFatal'
    | 'correctedInternal'
    | 'headerLogOverflow',
    number
  >
> = {
  receiver: field['CORRECTABLE_STATUS.RECEIVER'].low,
  badTlp: field['CORRECTABLE_STATUS.BAD_TLP'].low,
  badDllp: field['CORRECTABLE_STATUS.BAD_DLLP'].low,
  replayRollover: field['CORRECTABLE_STATUS.REPLAY_ROLLOVER'].low,
  replayTimeout: field['CORRECTABLE_STATUS.REPLAY_TIMEOUT'].low,
  advisoryNonFatal: field['CORRECTABLE_STATUS.ADVISORY_NONFATAL'].low,
  correctedInternal: field['CORRECTABLE_STATUS.CORRECTED_INTERNAL'].low,
  headerLogOverflow: field['CORRECTABLE_STATUS.HEADER_LOG_OVERFLOW'].low,
};

/** Errors that are fatal on a function without AER: those that AER resets to fatal (PCIe 7.8.4.4). */
export const FATAL_BY_DEFAULT: number = (register.UNCORRECTABLE_SEVERITY?.fields ?? []).reduce(
  (sum, one) => sum + (one.reset ?? 0) * 2 ** one.low,
  0,
);
